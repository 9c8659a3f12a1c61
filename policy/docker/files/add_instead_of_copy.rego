# METADATA
# title: A file is added where it could be copied
# description: |
#   ADD also unpacks archives and fetches addresses; COPY does what it says. ADD is for archives, addresses and
#   repositories only.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#add-or-copy
# custom:
#   severity: low
#   remediation: Write COPY.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.files.add_instead_of_copy

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Cmd"]} if {
	some entry in dockerfile.of_command("add")
	sources := array.slice(entry.values, 0, count(entry.values) - 1)
	count(sources) > 0
	every source in sources { plain(source) }
	msg := sprintf("ADD of %s does no more than COPY", [concat(", ", sources)])
}

# A source that ADD treats as COPY does: no address, no repository, no archive, no pattern that may match one.
plain(source) if not regex.match(`(?i)^(https?|ftp|ssh|git)(://|@)|\.(tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$|[*?$<]`, source)
