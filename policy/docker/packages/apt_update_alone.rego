# METADATA
# title: Package lists are updated in an instruction of their own
# description: |
#   The layer of a lone apt-get update or apk update is cached: a later install takes packages from lists that may be months
#   old, or fails since they are gone.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#apt-get
# custom:
#   severity: medium
#   remediation: Write apt-get update and apt-get install in one RUN, or apk add --no-cache.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.packages.apt_update_alone

import data.kpolicy.lib.dockerfile

deny contains {"msg": "apt-get update stands without an install in the same RUN", "path": [update.index, "Value", 0]} if {
	some update in dockerfile.commands
	dockerfile.calls(update.words, {"apt", "apt-get"}, {"update"})
	not updated_for(update.index)
}

deny contains {"msg": "apk update stands without an add in the same RUN", "path": [update.index, "Value", 0]} if {
	some update in dockerfile.commands
	dockerfile.calls(update.words, {"apk"}, {"update"})
	not updated_for(update.index)
}

# Whether what a RUN updates is used in the same RUN.
updated_for(index) if {
	some command in dockerfile.commands
	command.index == index
	dockerfile.calls(command.words, {"apt", "apt-get", "aptitude"}, {"install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "download", "source"})
}

updated_for(index) if {
	some command in dockerfile.commands
	command.index == index
	dockerfile.calls(command.words, {"apk"}, {"add", "upgrade", "fetch"})
}

updated_for(index) if {
	some command in dockerfile.commands
	command.index == index
	regex.match(`(install|setup)[^\s]*\.sh`, command.text)
}
