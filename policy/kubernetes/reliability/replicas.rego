# METADATA
# title: A workload has too few replicas
# description: |
#   With one replica, each rollout, each drained node and each crash is an outage. A workload that an autoscaler of the set
#   scales is left to its minReplicas.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
# custom:
#   severity: low
#   remediation: Raise spec.replicas, or let an autoscaler set them.
#   kinds: [Deployment, StatefulSet, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     minimum:
#       type: integer
#       default: 2
#       description: The least replicas.
package kpolicy.kubernetes.reliability.replicas

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.workloads

minimum := kubernetes.parameter("reliability", "replicas", "minimum", 2)

# Scaled to nothing, a workload is switched off.
deny contains {"msg": msg, "path": array.concat(workloads.object_path(entry), ["spec", "replicas"])} if {
	some entry in workloads.replicated
	many := workloads.replicas(entry.object)
	many > 0
	many < minimum
	workloads.autoscalers(entry.object) == set()
	msg := sprintf("%s has %v of at least %v replicas", [kubernetes.name_of(entry.object), many, minimum])
}
