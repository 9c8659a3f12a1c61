package kpolicy.kubernetes.network.unselected_pods_test

import data.kpolicy.kubernetes.network.unselected_pods

web := {
	"kind": "Deployment",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": {"template": {"metadata": {"labels": {"app": "web"}}}},
}

policies(specs) := {"objects": {"NetworkPolicy": {"shop": {name: [{"object": {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": spec,
}}] |
	some name, spec in specs
}}}}

path := ["spec", "template", "metadata", "labels"]

ingress := {
	"msg": "no NetworkPolicy selects the pods of Deployment web for ingress: every pod of the cluster may connect to them",
	"path": path,
}

egress := {
	"msg": "no NetworkPolicy selects the pods of Deployment web for egress: they may connect to everything",
	"path": path,
}

test_denies_each_direction_without_a_policy if {
	found := unselected_pods.deny with input as web with data.inventory as policies({})
	found == {ingress, egress}
}

test_denies_what_policy_types_leave_open if {
	found := unselected_pods.deny with input as web with data.inventory as policies({"p": {}})
	found == {egress}
}

test_denies_where_an_expression_does_not_select if {
	selector := {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}
	found := unselected_pods.deny with input as web
		with data.inventory as policies({"p": {"podSelector": selector, "policyTypes": ["Ingress", "Egress"]}})
	found == {ingress, egress}
}

test_policies_count_together if {
	found := unselected_pods.deny with input as web with data.inventory as policies({
		"in": {"podSelector": {"matchLabels": {"app": "web"}}},
		"out": {"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}, "policyTypes": ["Egress"]},
	})
	found == set()
}

test_directions_are_a_parameter if {
	found := unselected_pods.deny with input as web
		with data.inventory as policies({})
		with data.params.network.unselected_pods.directions as ["Ingress"]
	found == {ingress}
}

test_a_pod_on_the_network_of_its_node_needs_none if {
	pod := {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostNetwork": true}}
	found := unselected_pods.deny with input as pod with data.inventory as policies({})
	found == set()
}

test_is_quiet_where_the_set_is_not_known if {
	found := unselected_pods.deny with input as web
	found == set()
}
