# METADATA
# title: A container has a power over its node
# description: |
#   Capabilities are parts of the powers of root. NET_RAW and all beyond the usual set of container runtimes help
#   whoever takes the container over to leave it, or to attack its neighbours. In a DaemonSet, whose pods are often there
#   for the node, those that do not give the node away, such as NET_ADMIN and SYS_TIME, are a warning.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take the capability out of securityContext.capabilities.add.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default]
package kpolicy.kubernetes.host.capabilities

import data.kpolicy.lib.host
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains finding if {
	some [object_, capability, finding] in added
	not is_for_agents(object_, capability)
}

warn contains finding if {
	some [object_, capability, finding] in added
	is_for_agents(object_, capability)
}

added contains [entry.object, capability, finding] if {
	some entry in pods.containers
	some index, capability in shape.list_at(entry.container, ["securityContext", "capabilities", "add"])
	not capability in pods.usual_capabilities
	finding := {
		"msg": sprintf("%s adds the capability %v", [entry.who, capability]),
		"path": array.concat(entry.path, ["securityContext", "capabilities", "add", index]),
	}
}

# What agents of the network, of storage and of monitoring work with.
is_for_agents(object_, capability) if {
	host.is_agent(object_)
	capability in {
		"AUDIT_CONTROL",
		"AUDIT_READ",
		"BLOCK_SUSPEND",
		"IPC_LOCK",
		"IPC_OWNER",
		"LEASE",
		"NET_ADMIN",
		"NET_BROADCAST",
		"NET_RAW",
		"PERFMON",
		"SYS_NICE",
		"SYS_PACCT",
		"SYS_RESOURCE",
		"SYS_TIME",
		"SYSLOG",
		"WAKE_ALARM",
	}
}
