package kpolicy.kubernetes.network.metadata_service_test

import data.kpolicy.kubernetes.network.metadata_service

policy(spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": spec,
}

egress(rule) := policy({"policyTypes": ["Egress"], "egress": [rule]})

path := ["spec", "egress", 0, "to"]

test_denies_ranges_that_hold_the_address if {
	every cidr in ["0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/32"] {
		found := metadata_service.deny with input as egress({"to": [{"ipBlock": {"cidr": cidr, "except": ["10.0.0.0/8"]}}]})
		found == {{
			"msg": sprintf("NetworkPolicy web lets its pods reach 169.254.169.254, by %s", [cidr]),
			"path": array.concat(path, [0, "ipBlock", "cidr"]),
		}}
	}
}

test_denies_the_address_of_ipv6 if {
	found := metadata_service.deny with input as egress({"to": [{"ipBlock": {"cidr": "::/0"}}]})
	found == {{
		"msg": "NetworkPolicy web lets its pods reach fd00:ec2::254, by ::/0",
		"path": array.concat(path, [0, "ipBlock", "cidr"]),
	}}
}

test_denies_a_rule_without_targets if {
	every rule in [{}, {"ports": [{"port": 1, "endPort": 1024}]}] {
		found := metadata_service.deny with input as egress(rule)
		found == {{
			"msg": "NetworkPolicy web lets its pods reach 169.254.169.254: an egress rule has no to",
			"path": path,
		}}
	}
}

test_allows_exceptions_other_ranges_and_other_ports if {
	every rule in [
		{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]},
		{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
		{"to": [{"namespaceSelector": {}}]},
		{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]},
		{"ports": [{"port": 53, "protocol": "UDP"}]},
	] {
		found := metadata_service.deny with input as egress(rule)
		found == set()
	}
}

pod(spec) := {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}}, "spec": spec}

set_with(object_) := {"objects": {"NetworkPolicy": {"shop": {"web": [{"object": object_}]}}}}

test_denies_a_pod_that_nothing_isolates if {
	found := metadata_service.deny with input as pod({}) with data.inventory as set_with(policy({}))
	found == {{
		"msg": "the pods of Pod web may reach 169.254.169.254: no NetworkPolicy isolates their egress",
		"path": ["metadata", "labels"],
	}}
}

test_allows_a_pod_whose_egress_is_isolated if {
	found := metadata_service.deny with input as pod({}) with data.inventory as set_with(policy({"policyTypes": ["Egress"]}))
	found == set()
}

test_a_pod_on_the_network_of_its_node_is_left_out if {
	found := metadata_service.deny with input as pod({"hostNetwork": true}) with data.inventory as set_with(policy({}))
	found == set()
}

test_addresses_are_a_parameter if {
	found := metadata_service.deny with input as egress({"to": [{"ipBlock": {"cidr": "100.64.0.0/10"}}]})
		with data.params.network.metadata_service.addresses as ["100.100.100.200"]
	found == {{
		"msg": "NetworkPolicy web lets its pods reach 100.100.100.200, by 100.64.0.0/10",
		"path": array.concat(path, [0, "ipBlock", "cidr"]),
	}}
}

test_says_nothing_of_pods_where_the_set_is_not_known if {
	found := metadata_service.deny with input as pod({})
	found == set()
}
