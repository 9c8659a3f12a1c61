# METADATA
# title: A command is run by sudo
# description: |
#   A build runs as root unless USER says otherwise, and a program that can become anybody has no place in the
#   image. Where root is needed for one step, USER root and back is plain to see.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#user
# custom:
#   severity: medium
#   remediation: Leave sudo out, or stand the step between USER root and the USER before.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.commands.sudo

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	command.words[0] == "sudo"
	msg := sprintf("`%s` takes another user than USER says", [command.text])
}
