# METADATA
# title: Two stages have one name
# description: |
#   COPY --from and --target take one of them, and nobody sees which. Names are compared without their case.
# related_resources:
#   - https://docs.docker.com/reference/build-checks/duplicate-stage-name/
# custom:
#   severity: medium
#   remediation: Give each stage a name of its own.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.base.duplicate_stage

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Value", 2]} if {
	some entry in dockerfile.of_command("from")
	name := entry.values[2]
	lower(name) in dockerfile.names_before(entry.index)
	msg := sprintf("an earlier stage is called %s too", [name])
}
