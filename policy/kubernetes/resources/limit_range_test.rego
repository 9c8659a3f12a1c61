package kpolicy.kubernetes.resources.limit_range_test

import data.kpolicy.kubernetes.resources.limit_range

namespace := {"kind": "Namespace", "metadata": {"name": "shop"}}

pod := {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}

entry(object_) := [{"object": object_, "file": "all.yaml", "document": 0, "line": 1}]

bare := {"Namespace": {"": {"shop": entry(namespace)}}, "Pod": {"shop": {"web": entry(pod)}}}

denial := {"msg": "namespace shop has no LimitRange", "path": ["metadata"]}

test_denies_at_the_namespace if {
	found := limit_range.deny with input as namespace with data.inventory as {"objects": bare}
	found == {denial}
	at_pod := limit_range.deny with input as pod with data.inventory as {"objects": bare}
	at_pod == set()
}

test_denies_at_the_first_workload_where_the_set_has_no_namespace if {
	found := limit_range.deny with input as pod with data.inventory as {"objects": {"Pod": bare.Pod}}
	found == {denial}
}

test_allows_one_in_the_same_namespace if {
	given := {"LimitRange": {"shop": {"all": entry({"kind": "LimitRange"})}}}
	found := limit_range.deny with input as namespace with data.inventory as {"objects": object.union(bare, given)}
	found == set()
	other := {"LimitRange": {"bank": {"all": entry({"kind": "LimitRange"})}}}
	denied := limit_range.deny with input as namespace with data.inventory as {"objects": object.union(bare, other)}
	denied == {denial}
}

test_says_nothing_where_the_set_is_not_known if {
	found := limit_range.deny with input as namespace
	found == set()
}

test_says_nothing_of_a_workload_where_the_set_is_not_known if {
	found := limit_range.deny with input as pod
	found == set()
}
