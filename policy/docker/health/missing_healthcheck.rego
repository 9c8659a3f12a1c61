# METADATA
# title: The image has no health check
# description: |
#   Docker and Swarm restart what reports that it is unwell. Kubernetes has probes of its own and leaves
#   HEALTHCHECK alone, so this is no policy for images that run there.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#healthcheck
# custom:
#   severity: low
#   remediation: Add a HEALTHCHECK, or HEALTHCHECK NONE where there is nothing to ask.
#   kinds: []
#   formats: [dockerfile]
#   profiles: []
package kpolicy.docker.health.missing_healthcheck

import data.kpolicy.lib.dockerfile

deny contains {"msg": "the image has no HEALTHCHECK", "path": dockerfile.path_of_stage(dockerfile.last_stage)} if {
	stages := dockerfile.lineage(dockerfile.last_stage)
	checks := {entry | some entry in dockerfile.of_command("healthcheck"); entry.stage in stages}
	count(checks) == 0
	not dockerfile.has_unknown_parent(dockerfile.last_stage)
}
