# METADATA
# title: apt is called by a script
# description: |
#   apt is for people: its options and its output may change, and it says so itself. apt-get and apt-cache are stable.
# related_resources:
#   - https://manpages.debian.org/stable/apt/apt.8.en.html
# custom:
#   severity: low
#   remediation: Write apt-get or apt-cache.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.packages.apt_interface

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"apt"}, {"autoremove", "full-upgrade", "install", "purge", "remove", "update", "upgrade"})
	msg := sprintf("`%s` calls apt, which has no stable interface", [command.text])
}
