# METADATA
# title: A pod sets an unsafe kernel parameter
# description: |
#   Kernel parameters that are not the pod's alone change the node for all pods on it, or turn its defences off.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take the parameter out of securityContext.sysctls.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.sysctls

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

safe := {
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_notsent_lowat",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_wmem",
}

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "securityContext", "sysctls", index])} if {
	some entry in pods.pods
	some index, _ in shape.list_at(entry.pod, ["spec", "securityContext", "sysctls"])
	name := object.get(entry.pod, ["spec", "securityContext", "sysctls", index, "name"], "without a name")
	not name in safe
	msg := sprintf("%s sets the unsafe kernel parameter %v", [entry.who, name])
}
