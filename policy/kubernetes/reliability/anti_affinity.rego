# METADATA
# title: Replicas may all land on one node
# description: |
#   Replicas help only where they fail apart. Anti-affinity between the pods, or topologySpreadConstraints, keep them on
#   nodes of their own.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
# custom:
#   severity: low
#   remediation: Add topologySpreadConstraints with kubernetes.io/hostname as the topologyKey.
#   kinds: [Deployment, StatefulSet, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.anti_affinity

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "topologySpreadConstraints"])} if {
	some entry in workloads.replicated
	workloads.replicas(entry.object) > 1
	not is_spread(entry.pod)
	msg := sprintf("nothing keeps the replicas of %s from one node", [kubernetes.name_of(entry.object)])
}

is_spread(pod) if shape.list_at(pod, ["spec", "topologySpreadConstraints"]) != []

is_spread(pod) if {
	some way in ["requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"]
	shape.list_at(pod, ["spec", "affinity", "podAntiAffinity", way]) != []
}
