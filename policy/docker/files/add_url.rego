# METADATA
# title: A file is added from an address without a checksum
# description: |
#   What ADD fetches is whatever the address gives on that day: a build that worked yesterday can hold something
#   else today, unnoticed.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#add---checksum
# custom:
#   severity: high
#   remediation: Say what is expected with --checksum, or fetch it in a RUN that verifies it.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.files.add_url

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Value", at]} if {
	some entry in dockerfile.of_command("add")
	not has_checksum(entry.flags)
	some at, source in array.slice(entry.values, 0, count(entry.values) - 1)
	regex.match(`^(?i)(https?|ftp)://`, source)
	msg := sprintf("ADD fetches %s and does not verify it", [source])
}

has_checksum(flags) if {
	some flag in flags
	startswith(flag, "--checksum=")
}
