# METADATA
# title: A container may write to its root file system
# description: |
#   What cannot write to its own image cannot plant programs there, and keeps its data where it is meant to be. Pods
#   for Windows are exempt: Windows has no such setting.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: low
#   remediation: Set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir where the program writes.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.pods.read_only_root_filesystem

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "readOnlyRootFilesystem"])} if {
	some entry in pods.containers
	not pods.is_windows(entry.pod)
	object.get(entry.container, ["securityContext", "readOnlyRootFilesystem"], null) != true
	msg := sprintf("%s may write to its root file system: readOnlyRootFilesystem is not true", [entry.who])
}
