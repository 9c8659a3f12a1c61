package kpolicy.kubernetes.tls.istio_injection_test

import data.kpolicy.kubernetes.tls.istio_injection

objects(labels) := {
	"Namespace": {"": {"shop": [{"object": namespace(labels)}]}},
	"Pod": {"shop": {"web": [{"object": {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}}]}},
	"VirtualService": {"shop": {"v": [{"object": {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService"}}]}},
}

namespace(labels) := {"kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}

test_denies_a_namespace_outside_the_mesh if {
	every labels in [{}, {"istio-injection": "disabled"}] {
		found := istio_injection.deny with input as namespace(labels) with data.inventory.objects as objects(labels)
		msg := "the pods of namespace shop are not in the mesh: it has no label for injection"
		found == {{"msg": msg, "path": ["metadata", "labels"]}}
	}
}

test_allows_the_labels if {
	every labels in [{"istio-injection": "enabled"}, {"istio.io/rev": "1-22"}, {"istio.io/dataplane-mode": "ambient"}] {
		found := istio_injection.deny with input as namespace(labels) with data.inventory.objects as objects(labels)
		found == set()
	}
}

test_says_nothing_where_istio_is_not_used if {
	without := object.remove(objects({}), ["VirtualService"])
	found := istio_injection.deny with input as namespace({}) with data.inventory.objects as without
	found == set()
}

test_namespaces_of_the_cluster_are_not_in_the_mesh if {
	system := {"kind": "Namespace", "metadata": {"name": "kube-system"}}
	found := istio_injection.deny with input as system with data.inventory.objects as object.union(objects({}), {
		"Namespace": {"": {"kube-system": [{"object": system}]}},
		"Pod": {"kube-system": {"dns": [{"object": {"kind": "Pod", "metadata": {"name": "dns", "namespace": "kube-system"}}}]}},
	})
	found == set()
}

test_kinds_of_other_projects_are_no_use_of_istio if {
	of_gloo := {"VirtualService": {"shop": {"v": [{"object": {"apiVersion": "gateway.solo.io/v1", "kind": "VirtualService"}}]}}}
	found := istio_injection.deny with input as namespace({}) with data.inventory.objects as object.union(objects({}), of_gloo)
	found == set()
}
