# METADATA
# title: A namespace with pods is not in the mesh
# description: |
#   Where the files use Istio, pods in a namespace without injection speak plain text, and its policies do not
#   hold for them. Namespaces count in by the label istio-injection=enabled, istio.io/rev, or
#   istio.io/dataplane-mode=ambient.
# related_resources:
#   - https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
# custom:
#   severity: medium
#   remediation: Label the Namespace istio-injection=enabled, or with the revision.
#   kinds: [Namespace, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.tls.istio_injection

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	uses_istio
	some entry in kubernetes.objects
	namespace := inventory.stands_for(entry.object)
	not namespace in outside
	not is_in_mesh(inventory.namespace_labels(namespace))
	msg := sprintf("the pods of namespace %s are not in the mesh: it has no label for injection", [namespace])
}

# Namespaces of the cluster itself and of Istio.
outside := {"istio-system", "kube-system", "kube-public", "kube-node-lease"}

uses_istio if {
	some kind in {"AuthorizationPolicy", "DestinationRule", "PeerAuthentication", "VirtualService", "Sidecar", "RequestAuthentication"}
	some entry in inventory.everywhere(kind)
	regex.match(`^(networking|security)\.istio\.io/`, shape.text_at(entry.object, ["apiVersion"]))
}

is_in_mesh(labels) if labels["istio-injection"] == "enabled"

is_in_mesh(labels) if shape.text_at(labels, ["istio.io/rev"]) != ""

is_in_mesh(labels) if labels["istio.io/dataplane-mode"] == "ambient"
