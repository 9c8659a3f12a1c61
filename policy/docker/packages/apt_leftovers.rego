# METADATA
# title: The image keeps what apt needed, or installs what nobody asked for
# description: |
#   Recommended packages and the lists of packages make the image larger, and each package is one more to patch.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#apt-get
# custom:
#   severity: low
#   remediation: Install with --no-install-recommends, and end the RUN with rm -rf /var/lib/apt/lists/*.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.packages.apt_leftovers

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in installs
	not "--no-install-recommends" in command.words
	not contains(command.text, "Install-Recommends=")
	msg := sprintf("`%s` also installs what is recommended", [command.text])
}

deny contains {"msg": "the lists of packages stay in the image", "path": [command.index, "Value", 0]} if {
	some command in installs
	not cleaned(command.index)
}

installs := {command |
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"apt", "apt-get"}, {"install"})
}

# Whether the lists go in the same RUN, or are in a cache that is mounted over them.
cleaned(index) if {
	some command in dockerfile.commands
	command.index == index
	contains(command.text, "/var/lib/apt/lists")
}

cleaned(index) if {
	dockerfile.is_mounted(index, "/var/lib/apt/lists")
}
