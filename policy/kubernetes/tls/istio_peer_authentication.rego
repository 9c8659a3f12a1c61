# METADATA
# title: Istio takes plain text between workloads
# description: |
#   With a mode other than STRICT a workload takes plain text from whoever can reach it, and nobody knows who
#   that is. A policy without a mode takes that of its namespace or of the mesh.
# related_resources:
#   - https://istio.io/latest/docs/reference/config/security/peer_authentication/
# custom:
#   severity: high
#   remediation: Set spec.mtls.mode to STRICT, and leave the ports of portLevelMtls out or STRICT.
#   kinds: [PeerAuthentication]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.istio_peer_authentication

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "mtls", "mode"])} if {
	some entry in policies
	mode := shape.text_at(entry.object, ["spec", "mtls", "mode"])
	mode in {"PERMISSIVE", "DISABLE"}
	msg := sprintf("%s takes plain text: its mode is %s", [kubernetes.name_of(entry.object), mode])
}

# Without a mode it takes that of its namespace, then that of the mesh, and what nobody says is PERMISSIVE.
deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "mtls", "mode"])} if {
	inventory.known
	some entry in policies
	shape.text_at(entry.object, ["spec", "mtls", "mode"]) in {"", "UNSET"}
	not strict_above(entry.object)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s takes plain text: it says no mode, and nothing above it says STRICT", [name])
}

strict_above(policy) if {
	some above in inventory.everywhere("PeerAuthentication")
	above.object.spec.mtls.mode == "STRICT"
	object.get(above.object.spec, "selector", null) == null
	inventory.namespace_of(above.object) in {"istio-system", inventory.namespace_of(policy)}
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "portLevelMtls", port, "mode"])} if {
	some entry in policies
	some port, mtls in shape.table_at(entry.object, ["spec", "portLevelMtls"])
	mtls.mode in {"PERMISSIVE", "DISABLE"}
	msg := sprintf("%s takes plain text on port %s: its mode is %s", [kubernetes.name_of(entry.object), port, mtls.mode])
}

policies contains entry if {
	some entry in kubernetes.objects
	entry.object.kind == "PeerAuthentication"
}
