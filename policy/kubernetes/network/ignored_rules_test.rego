package kpolicy.kubernetes.network.ignored_rules_test

import data.kpolicy.kubernetes.network.ignored_rules

policy(spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web"},
	"spec": spec,
}

test_denies_rules_of_a_direction_that_is_not_named if {
	egress := ignored_rules.deny with input as policy({"policyTypes": ["Ingress"], "egress": [{}]})
	egress == {{
		"msg": "NetworkPolicy web has egress rules that do not count: policyTypes lacks Egress",
		"path": ["spec", "egress"],
	}}
	ingress := ignored_rules.deny with input as policy({"policyTypes": ["Egress"], "ingress": [{}], "egress": [{}]})
	ingress == {{
		"msg": "NetworkPolicy web has ingress rules that do not count: policyTypes lacks Ingress",
		"path": ["spec", "ingress"],
	}}
}

test_allows_what_counts if {
	every spec in [
		{},
		{"egress": [{}], "ingress": [{}]},
		{"policyTypes": ["Ingress"], "ingress": [{}], "egress": []},
		{"policyTypes": ["Ingress"], "egress": null},
		{"policyTypes": ["Ingress", "Egress"], "egress": [{}]},
	] {
		found := ignored_rules.deny with input as policy(spec)
		found == set()
	}
}
