# METADATA
# title: The working directory depends on the base image
# description: |
#   A relative WORKDIR starts where the base image left off, which another version of it can change.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#workdir
# custom:
#   severity: low
#   remediation: Write an absolute path.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.commands.relative_workdir

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Value", 0]} if {
	some entry in dockerfile.of_command("workdir")
	path := trim(entry.values[0], `"'`)
	not regex.match(`^(/|\$|[A-Za-z]:)`, path)
	not follows_absolute(entry)
	not dockerfile.has_unknown_parent(entry.stage)
	msg := sprintf("WORKDIR %s is relative to what the base image says", [path])
}

# Behind an absolute WORKDIR of the same stage, or of one that it is built on, a relative one is plain.
follows_absolute(entry) if {
	some earlier in dockerfile.of_command("workdir")
	earlier.stage in dockerfile.lineage(entry.stage)
	earlier.index < entry.index
	regex.match(`^["']?(/|\$|[A-Za-z]:)`, earlier.values[0])
}
