# METADATA
# title: A container may run as root
# description: |
#   Root in a container is root on the node as soon as something lets it out. The container's securityContext counts,
#   and where it says nothing the pod's.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set securityContext.runAsNonRoot to true, and runAsUser to a number above 0 where the image's user is root.
#   kinds: [Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.security.run_as_root

import data.kpolicy.lib.kubernetes

deny contains {"msg": msg, "path": place(entry, "runAsUser")} if {
	some entry in kubernetes.containers
	setting(entry, "runAsUser") == 0
	msg := sprintf("container %s runs as user 0, which is root", [kubernetes.container_name(entry.container)])
}

deny contains {"msg": msg, "path": place(entry, "runAsNonRoot")} if {
	some entry in kubernetes.containers
	setting(entry, "runAsNonRoot") != true
	not runs_as_number(entry)
	msg := sprintf("container %s may run as root: runAsNonRoot is not true", [kubernetes.container_name(entry.container)])
}

# A user above 0 is not root, whatever runAsNonRoot says.
runs_as_number(entry) if is_number(setting(entry, "runAsUser"))

# The container's setting, else the pod's; null where neither says.
setting(entry, name) := own(entry, name) if own(entry, name) != null

setting(entry, name) := of_pod(entry, name) if own(entry, name) == null

own(entry, name) := object.get(entry.container, ["securityContext", name], null)

of_pod(entry, name) := object.get(entry.pod, ["spec", "securityContext", name], null)

# Where the setting stands, or should stand. The container's path ends in spec, the field and an index.
place(entry, name) := array.concat(entry.path, ["securityContext", name]) if not only_of_pod(entry, name)

place(entry, name) := array.concat(pod_spec, ["securityContext", name]) if {
	only_of_pod(entry, name)
	pod_spec := array.slice(entry.path, 0, count(entry.path) - 2)
}

only_of_pod(entry, name) if {
	own(entry, name) == null
	of_pod(entry, name) != null
}
