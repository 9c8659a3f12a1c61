# METADATA
# title: A script from the network is run unseen
# description: |
#   What curl or wget gives goes to a shell before anybody has looked at it: whoever controls the address, or
#   the way to it, builds the image.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#using-pipes
# custom:
#   severity: high
#   remediation: Download it, verify its checksum, then run it; or install the package.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.commands.piped_script

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Value", 0]} if {
	some entry in dockerfile.of_command("run")
	text := concat(" ", entry.values)
	some found in regex.find_n(piped, text, -1)
	msg := sprintf("what `%s` downloads is run unseen", [trim_space(found)])
}

piped := `\b(curl|wget)\b[^|;&]*\|\s*(sudo\s+(-\S+\s+)*)?(/(usr/)?bin/)?(env\s+)?(ba|da|z|k|a)?sh\b`
