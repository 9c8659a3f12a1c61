package kpolicy.kubernetes.network.no_policy_test

import data.kpolicy.kubernetes.network.no_policy

entry(object_) := [{"object": object_}]

namespace := {"kind": "Namespace", "metadata": {"name": "shop"}}

web := {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec": {}}}}

objects(further) := {"objects": object.union({"Namespace": {"": {"shop": entry(namespace)}}, "Deployment": {"shop": {"web": entry(web)}}}, further)}

test_denies_a_namespace_without_one if {
	found := no_policy.deny with input as namespace with data.inventory as objects({})
	found == {{
		"msg": "namespace shop has no network policy in these files: every pod of the cluster may connect to its pods",
		"path": ["metadata", "name"],
	}}
}

test_allows_a_namespace_with_one if {
	every kind, apiVersion in {"NetworkPolicy": "networking.k8s.io/v1", "CiliumNetworkPolicy": "cilium.io/v2"} {
		policy := {"apiVersion": apiVersion, "kind": kind, "metadata": {"namespace": "shop"}, "spec": {"endpointSelector": {}}}
		found := no_policy.deny with input as namespace with data.inventory as objects({kind: {"shop": {"p": entry(policy)}}})
		found == set()
	}
}

test_allows_where_the_cluster_has_one if {
	policy := {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "spec": {}}
	found := no_policy.deny with input as namespace with data.inventory as objects({"GlobalNetworkPolicy": {"": {"p": entry(policy)}}})
	found == set()
}

test_says_nothing_where_the_set_is_not_known if {
	found := no_policy.deny with input as namespace
	found == set()
}

test_says_nothing_of_a_workload_where_the_set_is_not_known if {
	found := no_policy.deny with input as web
	found == set()
}
