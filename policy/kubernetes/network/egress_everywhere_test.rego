package kpolicy.kubernetes.network.egress_everywhere_test

import data.kpolicy.kubernetes.network.egress_everywhere

policy(rule) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web"},
	"spec": {"egress": [rule]},
}

path := ["spec", "egress", 0, "to"]

test_denies_a_rule_without_targets if {
	every rule in [{}, {"to": []}, {"ports": [{"port": 443}]}, {"ports": [{"port": 53, "endPort": 60000}]}, {"ports": [{}]}] {
		found := egress_everywhere.deny with input as policy(rule)
		found == {{
			"msg": "NetworkPolicy web lets its pods connect to everywhere: an egress rule has no to",
			"path": path,
		}}
	}
}

test_denies_every_address if {
	every cidr in ["0.0.0.0/0", "::/0"] {
		found := egress_everywhere.deny with input as policy({"to": [{"ipBlock": {"cidr": cidr, "except": ["10.0.0.0/8"]}}]})
		found == {{
			"msg": sprintf("NetworkPolicy web lets its pods connect to %s", [cidr]),
			"path": array.concat(path, [0, "ipBlock", "cidr"]),
		}}
	}
}

test_denies_every_pod if {
	found := egress_everywhere.deny with input as policy({"to": [{"namespaceSelector": {}}]})
	found == {{
		"msg": "NetworkPolicy web lets its pods connect to every pod of the cluster",
		"path": array.concat(path, [0, "namespaceSelector"]),
	}}
}

test_allows_narrow_targets if {
	every peer in [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}, {"ipBlock": {"cidr": "nonsense/0"}}] {
		found := egress_everywhere.deny with input as policy({"to": [peer]})
		found == set()
	}
}

test_allows_the_ports_of_the_parameter if {
	dns := egress_everywhere.deny with input as policy({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]})
	dns == set()
	https := egress_everywhere.deny with input as policy({"ports": [{"port": 443}]})
		with data.params.network.egress_everywhere.ports as [443]
	https == set()
}

test_no_ports_are_all_ports if {
	every ports in [[], null] {
		found := egress_everywhere.deny with input as policy({"ports": ports})
		found == {{
			"msg": "NetworkPolicy web lets its pods connect to everywhere: an egress rule has no to",
			"path": path,
		}}
	}
}
