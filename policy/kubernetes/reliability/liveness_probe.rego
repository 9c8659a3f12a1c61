# METADATA
# title: A container has no liveness probe
# description: |
#   A process that hangs goes on taking requests until somebody looks. A liveness probe has it restarted. Some processes
#   end by themselves when they fail: those need none.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   severity: low
#   remediation: Give the container a livenessProbe of what its work depends on.
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.liveness_probe

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": array.concat(entry.path, ["livenessProbe"])} if {
	some entry in workloads.serving_containers
	not is_object(object.get(entry.container, "livenessProbe", null))
	msg := sprintf("container %s has no liveness probe", [kubernetes.container_name(entry.container)])
}
