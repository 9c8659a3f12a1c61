# METADATA
# title: A Windows container runs as a process of its node
# description: |
#   A HostProcess container has the node's files, network and devices; it is what privileged is on Linux.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: critical
#   remediation: Take hostProcess out of securityContext.windowsOptions.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.windows_host_process

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["windowsOptions", "hostProcess"])} if {
	some entry in pods.contexts
	pods.is_on(object.get(entry.context, ["windowsOptions", "hostProcess"], null))
	msg := sprintf("%s runs as a process of the node: hostProcess is set", [entry.who])
}
