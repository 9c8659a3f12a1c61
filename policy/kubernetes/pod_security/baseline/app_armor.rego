# METADATA
# title: A pod turns AppArmor off
# description: |
#   The runtime confines containers by its default AppArmor profile. A pod may keep it or choose one that is
#   installed on the node, by the field or by the annotations that came before it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take the AppArmor profile out, or set its type to RuntimeDefault or Localhost.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.app_armor

import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["appArmorProfile", "type"])} if {
	some entry in pods.contexts
	object.get(entry.context, "appArmorProfile", null) != null
	type := object.get(entry.context, ["appArmorProfile", "type"], "")
	not type in {"RuntimeDefault", "Localhost"}
	msg := sprintf("%s sets the AppArmor profile %v", [entry.who, type])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "annotations", key])} if {
	some entry in pods.pods
	some key, value in shape.table_at(entry.pod, ["metadata", "annotations"])
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
	not is_allowed(value)
	msg := sprintf("%s sets the AppArmor profile %v by an annotation", [entry.who, value])
}

is_allowed(value) if value in {"", null, "runtime/default"}

is_allowed(value) if startswith(sprintf("%v", [value]), "localhost/")
