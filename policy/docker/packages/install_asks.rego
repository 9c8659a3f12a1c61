# METADATA
# title: A package is installed by yum, dnf or zypper with a question
# description: |
#   There is nobody to answer: yum install without -y ends the build, and so does zypper without --non-interactive.
# related_resources:
#   - https://dnf.readthedocs.io/en/latest/command_ref.html
# custom:
#   severity: medium
#   remediation: Add -y, and for zypper --non-interactive before the command.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.packages.install_asks

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"dnf", "microdnf", "yum", "zypper"}, asking)
	not answered(command.words)
	msg := sprintf("`%s` asks whether it may", [command.text])
}

asking := {
	"dist-upgrade",
	"dup",
	"groupinstall",
	"in",
	"install",
	"localinstall",
	"reinstall",
	"remove",
	"up",
	"update",
	"upgrade",
}

answered(words) if {
	some word in words
	regex.match(`^(-[a-zA-Z]*y[a-zA-Z]*|-n|--yes|--assumeyes|--assume-yes|--no-confirm|--non-interactive|--setopt=assumeyes=.*)$`, word)
}
