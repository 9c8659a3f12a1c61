# METADATA
# title: A package is installed by a command that asks
# description: |
#   There is nobody to answer: apt-get install without -y ends the build.
# related_resources:
#   - https://manpages.debian.org/stable/apt/apt-get.8.en.html
# custom:
#   severity: medium
#   remediation: Add -y.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.packages.apt_asks

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"apt", "apt-get"}, {"install", "upgrade", "dist-upgrade", "full-upgrade"})
	not answered(command.words)
	msg := sprintf("`%s` asks whether it may", [command.text])
}

answered(words) if {
	some word in words
	regex.match(`^(-[a-zA-Z]*y[a-zA-Z]*|-[a-zA-Z]*qq|--yes|--assume-yes|--force-yes|--simulate|-s|.*-o.*Assume-Yes.*|.*APT::Get::Assume-Yes.*)$`, word)
}

answered(words) if {
	some at, word in words
	word in {"-q", "--quiet"}
	some other, again in words
	other > at
	again in {"-q", "--quiet"}
}
