package kpolicy.kubernetes.reliability.service_without_pods_test

import data.kpolicy.kubernetes.reliability.service_without_pods

service(spec) := {"kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}

given := {"objects": {"Pod": {"shop": {"web": [{"object": {
	"kind": "Pod",
	"metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
}}]}}}}

test_denies_a_selector_that_no_pod_has if {
	found := service_without_pods.deny with input as service({"selector": {"app": "wbe"}}) with data.inventory as given
	found == {{"msg": "Service web selects none of the pods of its namespace", "path": ["spec", "selector"]}}
}

test_allows_one_that_a_pod_has_and_none if {
	every spec in [{"selector": {"app": "web"}}, {"selector": {}}, {"selector": null}, {}] {
		found := service_without_pods.deny with input as service(spec) with data.inventory as given
		found == set()
	}
}

test_says_nothing_of_a_namespace_without_pods if {
	elsewhere := object.union(service({"selector": {"app": "x"}}), {"metadata": {"namespace": "bank"}})
	found := service_without_pods.deny with input as elsewhere with data.inventory as given
	found == set()
	unknown := service_without_pods.deny with input as service({"selector": {"app": "x"}})
	unknown == set()
}

test_is_silent_where_an_operator_makes_pods if {
	prometheus := {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s", "namespace": "shop"}}
	objects := object.union(given, {"objects": {"Prometheus": {"shop": {"k8s": [{"object": prometheus}]}}}})
	found := service_without_pods.deny with input as service({"selector": {"app": "wbe"}}) with data.inventory as objects
	found == set()
}

test_leaves_other_kinds_alone if {
	deployment := {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
	found := service_without_pods.deny with input as deployment with data.inventory as given
	found == set()
}
