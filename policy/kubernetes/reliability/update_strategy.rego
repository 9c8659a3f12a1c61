# METADATA
# title: An update takes a workload down, or waits for somebody
# description: |
#   Recreate stops all pods of a Deployment before it starts new ones. OnDelete leaves the old pods of a DaemonSet or
#   StatefulSet until somebody deletes them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
# custom:
#   severity: low
#   remediation: Use the strategy RollingUpdate.
#   kinds: [DaemonSet, Deployment, DeploymentConfig, StatefulSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.update_strategy

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", field, "type"])} if {
	some entry in kubernetes.objects
	field := fields[entry.object.kind]
	type := shape.text_at(entry.object, ["spec", field, "type"])
	type in {"OnDelete", "Recreate"}
	msg := sprintf("%s is updated by %s", [kubernetes.name_of(entry.object), type])
}

fields := {"DaemonSet": "updateStrategy", "Deployment": "strategy", "DeploymentConfig": "strategy", "StatefulSet": "updateStrategy"}
