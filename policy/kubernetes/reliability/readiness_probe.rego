# METADATA
# title: A container has no readiness probe
# description: |
#   Without a readiness probe a pod gets requests before it can answer them, at each rollout and at each restart.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   severity: low
#   remediation: Give the container a readinessProbe of what its work depends on.
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.readiness_probe

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": array.concat(entry.path, ["readinessProbe"])} if {
	some entry in workloads.serving_containers
	not is_object(object.get(entry.container, "readinessProbe", null))
	msg := sprintf("container %s has no readiness probe", [kubernetes.container_name(entry.container)])
}
