# METADATA
# title: The image keeps the index of packages
# description: |
#   apk add leaves the index behind unless it is told not to.
# related_resources:
#   - https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
# custom:
#   severity: low
#   remediation: Write apk add --no-cache.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.packages.apk_cache

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"apk"}, {"add"})
	not "--no-cache" in command.words
	not cleaned(command.index)
	msg := sprintf("`%s` leaves its index in the image", [command.text])
}

# Whether the index goes in the same RUN, or is in a cache that is mounted over it.
cleaned(index) if {
	some command in dockerfile.commands
	command.index == index
	contains(command.text, "/var/cache/apk")
}

# apk prefers /etc/apk/cache where that is a directory.
cleaned(index) if {
	some directory in ["/etc/apk/cache", "/var/cache/apk"]
	dockerfile.is_mounted(index, directory)
}
