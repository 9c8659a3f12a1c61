package kpolicy.kubernetes.network.allow_all_ingress_test

import data.kpolicy.kubernetes.network.allow_all_ingress

policy(spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web"},
	"spec": spec,
}

denial(msg, steps) := {{"msg": msg, "path": array.concat(["spec", "ingress", 0, "from"], steps)}}

test_denies_a_rule_without_peers_and_ports if {
	every rule in [{}, {"from": []}, {"from": null, "ports": []}] {
		found := allow_all_ingress.deny with input as policy({"ingress": [rule]})
		found == denial("NetworkPolicy web lets everybody in on all ports: an ingress rule has neither from nor ports", [])
	}
}

test_denies_every_pod if {
	every peer in [{"namespaceSelector": {}}, {"namespaceSelector": {}, "podSelector": {}}] {
		found := allow_all_ingress.deny with input as policy({"ingress": [{"from": [peer]}]})
		found == denial("NetworkPolicy web lets every pod of the cluster in on all ports", [0, "namespaceSelector"])
	}
}

test_denies_every_address if {
	found := allow_all_ingress.deny with input as policy({"ingress": [{"from": [{"ipBlock": {"cidr": "::/0"}}]}]})
	found == denial("NetworkPolicy web lets every address of ::/0 in on all ports", [0, "ipBlock"])
}

test_allows_rules_that_ask_for_something if {
	every rule in [
		{"ports": [{"port": 8080}]},
		{"from": [{"podSelector": {}}]},
		{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}]},
		{"from": [{"namespaceSelector": {"matchLabels": {"team": "shop"}}}]},
		{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
	] {
		found := allow_all_ingress.deny with input as policy({"ingress": [rule]})
		found == set()
	}
}

test_rules_that_policy_types_leave_out_let_nobody_in if {
	found := allow_all_ingress.deny with input as policy({"policyTypes": ["Egress"], "ingress": [{}]})
	found == set()
}

test_allows_everybody_on_some_ports if {
	every peer in [{"namespaceSelector": {}}, {"ipBlock": {"cidr": "0.0.0.0/0"}}] {
		found := allow_all_ingress.deny with input as policy({"ingress": [{"from": [peer], "ports": [{"port": 8080}]}]})
		found == set()
	}
}

test_denies_what_other_projects_let_in if {
	cilium := {
		"apiVersion": "cilium.io/v2",
		"kind": "CiliumNetworkPolicy",
		"metadata": {"name": "web"},
		"spec": {"endpointSelector": {}, "ingress": [{"fromEntities": ["all"]}]},
	}
	found := allow_all_ingress.deny with input as cilium
	found == {{
		"msg": "CiliumNetworkPolicy web lets everybody in on all ports",
		"path": ["spec", "ingress", 0, "fromEntities", 0],
	}}
}
