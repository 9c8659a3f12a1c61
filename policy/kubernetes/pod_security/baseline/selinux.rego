# METADATA
# title: A pod sets SELinux options that free it
# description: |
#   SELinux confines containers by their type. A pod may choose among the types for containers; a user or a role of
#   its own can lift what confines it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take user and role out of seLinuxOptions, and its type too, or use container_t.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.selinux

import data.kpolicy.lib.pods

types := {"", null, "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

deny contains {"msg": msg, "path": array.concat(entry.path, ["seLinuxOptions", "type"])} if {
	some entry in pods.contexts
	type := object.get(entry.context, ["seLinuxOptions", "type"], null)
	not type in types
	msg := sprintf("%s has the SELinux type %v", [entry.who, type])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["seLinuxOptions", field])} if {
	some entry in pods.contexts
	some field in ["user", "role"]
	value := object.get(entry.context, ["seLinuxOptions", field], null)
	not value in {"", null}
	msg := sprintf("%s has an SELinux %s of its own: %v", [entry.who, field, value])
}
