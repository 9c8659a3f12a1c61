# METADATA
# title: The program runs below a shell
# description: |
#   CMD and ENTRYPOINT in shell form start a shell that does not hand signals on: the container is killed after
#   its grace period instead of stopping.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
# custom:
#   severity: low
#   remediation: Write the words as a JSON list.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.commands.shell_form

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Cmd"]} if {
	some name in {"cmd", "entrypoint"}
	some entry in dockerfile.of_command(name)
	entry.exec == false
	not startswith(entry.values[0], "exec ")
	msg := sprintf("%s %s runs below a shell", [upper(entry.command), concat(" ", entry.values)])
}
