package kpolicy.kubernetes.network.selects_nothing_test

import data.kpolicy.kubernetes.network.selects_nothing

policy(selector) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": {"podSelector": selector},
}

pods := {"objects": {"Pod": {"shop": {"web": [{"object": {
	"kind": "Pod",
	"metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
}}]}}}}

test_denies_a_selector_that_selects_nothing if {
	every selector in [{"matchLabels": {"app": "wbe"}}, {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}] {
		found := selects_nothing.deny with input as policy(selector) with data.inventory as pods
		found == {{
			"msg": "NetworkPolicy web selects no pod that the files have in namespace shop",
			"path": ["spec", "podSelector"],
		}}
	}
}

test_allows_one_that_selects_a_pod if {
	every selector in [{}, null, {"matchLabels": {"app": "web"}}] {
		found := selects_nothing.deny with input as policy(selector) with data.inventory as pods
		found == set()
	}
}

test_a_namespace_without_pods_is_not_judged if {
	found := selects_nothing.deny with input as policy({"matchLabels": {"app": "wbe"}}) with data.inventory as {"objects": {}}
	found == set()
}

test_is_silent_where_an_operator_makes_pods if {
	prometheus := {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s", "namespace": "shop"}}
	objects := object.union(pods, {"objects": {"Prometheus": {"shop": {"k8s": [{"object": prometheus}]}}}})
	found := selects_nothing.deny with input as policy({"matchLabels": {"app": "wbe"}}) with data.inventory as objects
	found == set()
}
