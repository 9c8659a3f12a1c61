package kpolicy.kubernetes.resources.resource_quota_test

import data.kpolicy.kubernetes.resources.resource_quota

namespace := {"kind": "Namespace", "metadata": {"name": "shop"}}

pod := {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}

entry(object_) := [{"object": object_, "file": "all.yaml", "document": 0, "line": 1}]

bare := {"Namespace": {"": {"shop": entry(namespace)}}, "Pod": {"shop": {"web": entry(pod)}}}

denial := {"msg": "namespace shop has no ResourceQuota", "path": ["metadata"]}

test_denies_at_the_namespace if {
	found := resource_quota.deny with input as namespace with data.inventory as {"objects": bare}
	found == {denial}
	at_pod := resource_quota.deny with input as pod with data.inventory as {"objects": bare}
	at_pod == set()
}

test_denies_at_the_first_workload_where_the_set_has_no_namespace if {
	found := resource_quota.deny with input as pod with data.inventory as {"objects": {"Pod": bare.Pod}}
	found == {denial}
}

test_allows_one_in_the_same_namespace if {
	given := {"ResourceQuota": {"shop": {"all": entry({"kind": "ResourceQuota"})}}}
	found := resource_quota.deny with input as namespace with data.inventory as {"objects": object.union(bare, given)}
	found == set()
	other := {"ResourceQuota": {"bank": {"all": entry({"kind": "ResourceQuota"})}}}
	denied := resource_quota.deny with input as namespace with data.inventory as {"objects": object.union(bare, other)}
	denied == {denial}
}

test_says_nothing_where_the_set_is_not_known if {
	found := resource_quota.deny with input as namespace
	found == set()
}

test_says_nothing_of_a_workload_where_the_set_is_not_known if {
	found := resource_quota.deny with input as pod
	found == set()
}
