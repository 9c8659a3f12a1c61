# METADATA
# title: Files are made writable for everybody
# description: |
#   With mode 777 every process in the container can replace the program that the next one runs.
# related_resources:
#   - https://man7.org/linux/man-pages/man1/chmod.1.html
# custom:
#   severity: medium
#   remediation: Give the file to the user that needs it (chown), with a mode such as 755 or 644.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.files.world_writable

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	some word in command.words
	dockerfile.program(word) == "chmod"
	some mode in command.words
	regex.match(`^[0-7]?[0-7][0-7][2367]$|^([ugoa]*[oa][ugoa]*)?[+=][rxXst]*w`, mode)
	msg := sprintf("everybody may write what `%s` is about", [command.text])
}

deny contains {"msg": msg, "path": [entry.index, "Cmd"]} if {
	some name in {"add", "copy"}
	some entry in dockerfile.of_command(name)
	some flag in entry.flags
	regex.match(`^--chmod=[0-7]?[0-7][0-7][2367]$`, flag)
	msg := sprintf("everybody may write what %s %s brings", [upper(entry.command), flag])
}
