package kpolicy.kubernetes.metadata.default_namespace_test

import data.kpolicy.kubernetes.metadata.default_namespace

service(metadata) := {"kind": "Service", "metadata": object.union({"name": "web"}, metadata)}

denial := {"msg": "Service web is in the namespace default", "path": ["metadata", "namespace"]}

test_denies_default if {
	found := default_namespace.deny with input as service({"namespace": "default"})
	found == {denial}
}

test_allows_others if {
	every metadata in [{}, {"namespace": "shop"}] {
		found := default_namespace.deny with input as service(metadata)
		found == set()
	}
	cluster_wide := default_namespace.deny with input as {"kind": "ClusterRole", "metadata": {"name": "x", "namespace": "default"}}
	cluster_wide == set()
}

test_a_missing_one_can_count if {
	found := default_namespace.deny with input as service({}) with data.params.metadata.default_namespace.missing as true
	found == {denial}
}

test_another_one_is_not_missing if {
	found := default_namespace.deny with input as service({"namespace": "shop"})
		with data.params.metadata.default_namespace.missing as true
	found == set()
}
