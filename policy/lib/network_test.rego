package kpolicy.lib.network_test

import data.kpolicy.lib.network

policy(spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "p", "namespace": "shop"},
	"spec": spec,
}

rule(rule_) := {"rule": rule_, "path": ["spec", "ingress", 0]}

test_the_group_tells_the_kind if {
	network.is_policy(policy({}))
	network.is_policy(object.union(policy({}), {"apiVersion": "extensions/v1beta1"}))
	not network.is_policy(object.union(policy({}), {"apiVersion": "crd.projectcalico.org/v1"}))
}

test_a_spec_that_is_no_table_makes_no_policy if {
	network.is_policy(policy(null))
	not network.is_policy(policy("podSelector"))
	not network.is_policy(policy([]))
}

test_directions_and_their_defaults if {
	network.directions(policy({})) == {"Ingress"}
	network.directions(policy({"policyTypes": []})) == {"Ingress"}
	network.directions(policy({"egress": []})) == {"Ingress"}
	network.directions(policy({"egress": [{}]})) == {"Ingress", "Egress"}
	network.directions(policy({"policyTypes": ["Egress"], "ingress": [{}]})) == {"Egress"}
}

test_rules_of_other_directions_do_not_count if {
	spec := {"policyTypes": ["Egress"], "ingress": [{}], "egress": [{}]}
	network.rules(policy(spec), "Ingress") == set()
	network.rules(policy(spec), "Egress") == {{"rule": {}, "path": ["spec", "egress", 0]}}
}

test_no_selector_selects_all if {
	network.selects(policy({}), {"app": "web"})
	network.selects(policy({"podSelector": null}), {"app": "web"})
	not network.selects(policy({"podSelector": {"matchLabels": {"app": "api"}}}), {"app": "web"})
	not network.selects(policy({"podSelector": "app"}), {"app": "web"})
}

test_peers_that_are_everything if {
	network.is_for_all(rule({}), "Ingress")
	network.is_for_all(rule({"from": null}), "Ingress")
	not network.is_for_all(rule({"from": [{"podSelector": {}}]}), "Ingress")
	network.is_every_pod({"namespaceSelector": {}})
	network.is_every_pod({"namespaceSelector": {}, "podSelector": {}})
	not network.is_every_pod({"podSelector": {}})
	not network.is_every_pod({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}})
}

test_addresses if {
	every cidr in ["0.0.0.0/0", "::/0", "128.0.0.0/1"] {
		network.is_every_address({"ipBlock": {"cidr": cidr}})
	}
	every cidr in ["10.0.0.0/8", "0.0.0.0", "any/0", "", 0, null] {
		not network.is_every_address({"ipBlock": {"cidr": cidr}})
		not network.is_address({"ipBlock": {"cidr": cidr}}, "169.254.169.254")
	}
	block := {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}
	network.is_address({"ipBlock": block}, "169.254.169.254")
	not network.is_address({"ipBlock": block}, "10.1.2.3")
	not network.is_address({"ipBlock": block}, "fd00:ec2::254")
}

namespaces := {"objects": {"Namespace": {"": {"bank": [{"object": {
	"kind": "Namespace",
	"metadata": {"name": "bank", "labels": {"team": "bank"}},
}}]}}}}

test_pods_of_other_namespaces if {
	every peer in [
		{"namespaceSelector": {}},
		{"namespaceSelector": {"matchLabels": {"team": "bank"}}},
		{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "bank"}}},
		{"namespaceSelector": {"matchLabels": {"team": "bank"}}, "podSelector": {"matchLabels": {"app": "web"}}},
	] {
		network.is_pod(peer, policy({}), "bank", {"app": "web"}) with data.inventory as namespaces
	}
	every peer in [
		{"podSelector": {}},
		{"namespaceSelector": {"matchLabels": {"team": "shop"}}},
		{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "api"}}},
	] {
		not network.is_pod(peer, policy({}), "bank", {"app": "web"}) with data.inventory as namespaces
	}
}

test_pods_of_the_own_namespace if {
	network.is_pod({"podSelector": {}}, policy({}), "shop", {"app": "web"}) with data.inventory as namespaces
	not network.is_pod({"ipBlock": {"cidr": "0.0.0.0/0"}}, policy({}), "shop", {}) with data.inventory as namespaces
}

test_ports if {
	network.is_for_port(rule({}), "TCP", 80)
	network.is_for_port(rule({"ports": [{}]}), "TCP", 80)
	network.is_for_port(rule({"ports": [{"port": 80}]}), "TCP", 80)
	network.is_for_port(rule({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 1, "endPort": 1024}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 80, "protocol": "UDP"}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 81, "endPort": 90}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": "http"}]}), "TCP", 80)
}

set_of(policy_) := {"objects": {"NetworkPolicy": {"shop": {"p": [{"object": policy_}]}}}}

test_isolation if {
	web := policy({"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}})
	network.isolated("shop", {"app": "web"}, "Ingress") with data.inventory as set_of(web)
	not network.isolated("shop", {"app": "web"}, "Egress") with data.inventory as set_of(web)
	not network.isolated("shop", {"app": "api"}, "Ingress") with data.inventory as set_of(web)
	not network.isolated("bank", {"app": "web"}, "Ingress") with data.inventory as set_of(web)
}

test_default_deny if {
	every spec in [{}, {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}] {
		network.has_default_deny("shop", "Ingress") with data.inventory as set_of(policy(spec))
	}
	every spec in [
		{"ingress": [{}]},
		{"podSelector": {"matchLabels": {"app": "web"}}},
		{"policyTypes": ["Egress"]},
	] {
		not network.has_default_deny("shop", "Ingress") with data.inventory as set_of(policy(spec))
	}
}
