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
	not network.is_policy(calico)
	not network.is_policy(object.union(policy({}), {"kind": "Ingress"}))
}

calico := object.union(policy({}), {"apiVersion": "crd.projectcalico.org/v1"})

test_policies_of_other_projects_are_not_among_those_of_kubernetes if {
	reviewed := network.under_review with input as {"kind": "List", "items": [calico, policy({}), {"kind": "Pod"}]}
	reviewed == {{"object": policy({}), "path": ["items", 1]}}
	policies := network.policies with data.inventory.objects as {"NetworkPolicy": {"shop": {
		"a": [{"object": calico}],
		"b": [{"object": policy({})}],
	}}}
	policies == {"shop": {policy({})}}
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
	block := {"cidr": "0.0.0.0/0", "except": ["any", null, "10.0.0.0/8"]}
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
	every peer in [
		{"ipBlock": {"cidr": "0.0.0.0/0"}},
		{"podSelector": {}, "namespaceSelector": {"matchLabels": {"team": "bank"}}},
	] {
		not network.is_pod(peer, policy({}), "shop", {}) with data.inventory as namespaces
	}
}

test_ports if {
	network.is_for_port(rule({}), "TCP", 80)
	network.is_for_port(rule({"ports": [{}]}), "TCP", 80)
	network.is_for_port(rule({"ports": [{"port": 80}]}), "TCP", 80)
	network.is_for_port(rule({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 1, "endPort": 1024}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 80, "protocol": "UDP"}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 81, "endPort": 90}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 1, "endPort": 79}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": 1, "endPort": "1024"}]}), "TCP", 80)
	not network.is_for_port(rule({"ports": [{"port": "http"}]}), "TCP", 80)
}

test_the_protocol_of_a_port if {
	network.is_for_port(rule({"ports": [{"port": 53, "protocol": "UDP"}]}), "UDP", 53)
	every port in [{"port": 80}, {"port": 80, "protocol": null}, {"port": 80, "protocol": "TCP"}] {
		network.is_for_port(rule({"ports": [port]}), "TCP", 80)
		not network.is_for_port(rule({"ports": [port]}), "UDP", 80)
	}
}

serving(ports) := {"spec": {"containers": [{"name": "web", "ports": ports}, {"name": "proxy"}]}}

test_a_port_that_opens_no_others if {
	web := serving([{"name": "http", "containerPort": 80}, {"name": "admin", "containerPort": 9000}])
	every port in [{"port": 80}, {"port": 80, "endPort": null}, {"port": 80, "endPort": 81}, {"port": "http"}] {
		network.opens_only(port, {80, 81}, web)
	}
	every port in [{"port": 82}, {"port": 80, "endPort": 82}, {"port": "admin"}, {"port": "metrics"}, {}] {
		not network.opens_only(port, {80, 81}, web)
	}
}

test_a_port_without_a_number_opens_more_than_a_port_without_a_name if {
	not network.opens_only({"port": null}, {80}, serving([{"name": null, "containerPort": 80}]))
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

cilium := {"CiliumNetworkPolicy": {"shop": {"p": [{"object": {
	"apiVersion": "cilium.io/v2",
	"kind": "CiliumNetworkPolicy",
	"metadata": {"name": "p", "namespace": "shop"},
	"spec": {"endpointSelector": {}, "ingress": []},
}}]}}}

test_policies_of_other_projects_isolate_too if {
	network.isolated("shop", {"app": "web"}, "Ingress") with data.inventory.objects as cilium
	not network.isolated("shop", {"app": "web"}, "Egress") with data.inventory.objects as cilium
	network.has_default_deny("shop", "Ingress") with data.inventory.objects as cilium
	not network.has_default_deny("shop", "Egress") with data.inventory.objects as cilium
}

# The pods that a pod with app: web of the namespace shop may connect to, where policies with these specs are in it.
reached(specs) := {place |
	some place in [["shop", "api"], ["shop", "db"], ["bank", "api"]]
	network.lets_out("shop", {"app": "web"}, place[0], {"app": place[1]}) with data.inventory.objects as {"NetworkPolicy": {"shop": {sprintf("p%d", [index]): [{"object": policy(spec)}] |
		some index, spec in specs
	}}}
}

app(name) := {"podSelector": {"matchLabels": {"app": name}}}

test_what_a_pod_may_connect_to if {
	everything := {["shop", "api"], ["shop", "db"], ["bank", "api"]}
	reached([]) == everything
	reached([{"podSelector": {}}]) == everything
	reached([{"egress": [{}]}]) == everything
	reached([{"policyTypes": ["Egress"]}]) == set()
	reached([{"egress": [{"to": [app("db")]}]}]) == {["shop", "db"]}
	reached([{"egress": [{"to": [app("db")]}, {"to": [{"namespaceSelector": {}}]}]}]) == everything
}

test_a_range_may_hold_the_address_of_any_pod if {
	count(reached([{"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}])) == 3
	reached([{"egress": [{"to": [{"ipBlock": null, "podSelector": {"matchLabels": {"app": "db"}}}]}]}]) == {["shop", "db"]}
}

test_policies_for_other_pods_let_nothing_out if {
	reached([{"policyTypes": ["Egress"]}, object.union(app("api"), {"egress": [{}]})]) == set()
}
