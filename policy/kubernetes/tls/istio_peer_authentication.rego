# METADATA
# title: Istio takes plain text between workloads
# description: |
#   With a mode other than STRICT a workload takes plain text from whoever can reach it, and nobody knows who
#   that is. UNSET takes what stands above it.
# related_resources:
#   - https://istio.io/latest/docs/reference/config/security/peer_authentication/
# custom:
#   severity: high
#   remediation: Set spec.mtls.mode to STRICT, and leave the ports of portLevelMtls out or STRICT.
#   kinds: [PeerAuthentication]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.istio_peer_authentication

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "mtls", "mode"])} if {
	some entry in policies
	mode := shape.text_at(entry.object, ["spec", "mtls", "mode"])
	mode in {"PERMISSIVE", "DISABLE"}
	msg := sprintf("%s takes plain text: its mode is %s", [kubernetes.name_of(entry.object), mode])
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
