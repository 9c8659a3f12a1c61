# METADATA
# title: A workload fixes the replicas that an autoscaler sets
# description: |
#   Each time the manifest is applied, spec.replicas sets the number back, and the load of the hour meets too few pods.
#   Judged by the whole set.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
# custom:
#   severity: medium
#   remediation: Take spec.replicas out of the manifest.
#   kinds: [Deployment, StatefulSet, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.fixed_replicas

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": array.concat(workloads.object_path(entry), ["spec", "replicas"])} if {
	some entry in workloads.replicated
	is_number(entry.object.spec.replicas)
	some autoscaler in workloads.autoscalers(entry.object)
	text := "%s fixes %v replicas, which %s %s sets"
	names := [kubernetes.name_of(entry.object), entry.object.spec.replicas, autoscaler.kind, inventory.name_of(autoscaler)]
	msg := sprintf(text, names)
}
