# METADATA
# title: A container is privileged
# description: |
#   A privileged container has the powers of root on its node; whoever takes it over has the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: critical
#   remediation: Take privileged out of the securityContext, and add the single capabilities that are needed.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.privileged

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "privileged"])} if {
	some entry in kubernetes.containers
	pods.is_on(object.get(entry.container, ["securityContext", "privileged"], null))
	msg := sprintf("container %s is privileged", [kubernetes.container_name(entry.container)])
}
