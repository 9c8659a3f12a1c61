# METADATA
# title: The image runs as root
# description: |
#   Whoever breaks into a process that runs as root has all that the container has. The last USER of the last
#   stage counts; without one the image runs as its base does, which is root nearly always.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#user
#   - https://docs.docker.com/build/building/best-practices/#user
# custom:
#   severity: high
#   remediation: Add a USER with a number above zero behind the last instruction that needs root.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.user.root

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [last.index, "Value", 0]} if {
	some last in users
	every other in users { other.index <= last.index }
	name := split(last.values[0], ":")[0]
	lower(name) in {"root", "0"}
	msg := sprintf("the image runs as %s", [last.values[0]])
}

deny contains {"msg": msg, "path": dockerfile.path_of_stage(dockerfile.last_stage)} if {
	count(users) == 0
	msg := "the image has no USER, and so runs as its base does: most run as root"
}

# The USER instructions of the stage that becomes the image, and of those that it is built on.
users := {entry |
	some entry in dockerfile.of_command("user")
	entry.stage in dockerfile.lineage(dockerfile.last_stage)
}
