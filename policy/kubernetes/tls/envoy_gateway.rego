# METADATA
# title: Envoy Gateway takes old TLS, or verifies nobody
# description: |
#   TLS 1.0 and 1.1 are broken, and a backend whose certificate is not verified can be anybody. Plain listeners
#   of Envoy Gateway are found by kubernetes/tls/gateway_listener.
# related_resources:
#   - https://gateway.envoyproxy.io/docs/api/extension_types/
# custom:
#   severity: high
#   remediation: Leave tls.minVersion out or set it to 1.2 or 1.3, and verify backends by their CA.
#   kinds: [ClientTrafficPolicy, Backend, EnvoyProxy]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.envoy_gateway

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "tls", "minVersion"])} if {
	some entry in of_envoy
	entry.object.kind == "ClientTrafficPolicy"
	version := object.get(entry.object, ["spec", "tls", "minVersion"], "")
	sprintf("%v", [version]) in {"1.0", "1.1"}
	msg := sprintf("%s takes TLS %v", [kubernetes.name_of(entry.object), version])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "tls", "insecureSkipVerify"])} if {
	some entry in of_envoy
	entry.object.kind == "Backend"
	object.get(entry.object, ["spec", "tls", "insecureSkipVerify"], false) == true
	msg := sprintf("%s does not verify whom it speaks to", [kubernetes.name_of(entry.object)])
}

of_envoy contains entry if {
	some entry in kubernetes.objects
	startswith(shape.text_at(entry.object, ["apiVersion"]), "gateway.envoyproxy.io/")
}
