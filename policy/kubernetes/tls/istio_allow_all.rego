# METADATA
# title: An AuthorizationPolicy of Istio allows everybody
# description: |
#   An empty rule of an ALLOW policy matches every request, from whomever: it is the same as no policy, and
#   undoes the others of the workload.
# related_resources:
#   - https://istio.io/latest/docs/reference/config/security/authorization-policy/
# custom:
#   severity: high
#   remediation: Say in the rule from whom requests may come, or which ones.
#   kinds: [AuthorizationPolicy]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.istio_allow_all

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "rules", index])} if {
	some entry in kubernetes.objects
	entry.object.kind == "AuthorizationPolicy"
	object.get(entry.object, ["spec", "action"], "ALLOW") == "ALLOW"
	some index, rule in shape.list_at(entry.object, ["spec", "rules"])
	every part in ["from", "to", "when"] { shape.list_at(rule, [part]) == [] }
	msg := sprintf("%s allows every request: a rule says neither from, to nor when", [kubernetes.name_of(entry.object)])
}
