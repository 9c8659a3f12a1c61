package kpolicy.lib.network_openings_test

import data.kpolicy.lib.network_openings

object_of(version, kind, spec) := {"apiVersion": version, "kind": kind, "spec": spec}

cilium(kind, rule) := object_of("cilium.io/v2", kind, {"endpointSelector": {}, "ingress": [rule]})

opening(who, sender, path) := {{"who": who, "sender": sender, "path": path}}

test_cilium_peers if {
	rules := [
		["fromEntities", "all", "everybody", {}],
		["fromEntities", "cluster", "every pod of the cluster", {}],
		["fromEntities", "world", "every address outside of the cluster", {"cidr": "0.0.0.0/0"}],
		["fromCIDR", "0.0.0.0/0", "every address of 0.0.0.0/0", {"cidr": "0.0.0.0/0"}],
		["fromCIDRSet", {"cidr": "::/0"}, "every address of ::/0", {"cidr": "::/0"}],
		["fromEndpoints", exists("k8s:io.kubernetes.pod.namespace"), "every pod of the cluster", {}],
		["fromEndpoints", exists("io.kubernetes.pod.namespace"), "every pod of the cluster", {}],
	]
	every case in rules {
		[field, peer, who, sender] := case
		found := network_openings.openings(cilium("CiliumNetworkPolicy", {field: [peer]}))
		found == opening(who, sender, ["spec", "ingress", 0, field, 0])
	}
}

exists(key) := {"matchExpressions": [{"key": key, "operator": "Exists"}]}

test_cilium_peers_that_are_not_everybody if {
	namespace := {"matchLabels": {"app": "web"}, "matchExpressions": exists("k8s:io.kubernetes.pod.namespace").matchExpressions}
	every rule in [
		{},
		{"fromEndpoints": []},
		{"fromEndpoints": [{}]},
		{"fromEndpoints": [namespace]},
		{"fromEndpoints": [exists("app")]},
		{"fromEndpoints": [{"matchExpressions": [{"key": "io.kubernetes.pod.namespace", "operator": "DoesNotExist"}]}]},
		{"fromEntities": ["host", "kube-apiserver"]},
		{"fromCIDR": ["10.0.0.0/8"]},
		{"fromCIDRSet": [{"cidr": "10.0.0.0/8"}, {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}]},
		{"fromEntities": ["all"], "toPorts": [{"ports": [{"port": "80"}]}]},
		{"fromEntities": ["all"], "icmps": [{"fields": []}]},
		{"fromEntities": ["all"], "authentication": {"mode": "required"}},
		{"fromEntities": ["all"], "fromRequires": [{"matchLabels": {"app": "web"}}]},
	] {
		network_openings.openings(cilium("CiliumNetworkPolicy", rule)) == set()
	}
}

test_cilium_for_the_cluster if {
	path := ["spec", "ingress", 0, "fromEndpoints", 0]
	found := network_openings.openings(cilium("CiliumClusterwideNetworkPolicy", {"fromEndpoints": [{}, {"matchLabels": {"a": "b"}}]}))
	found == opening("every pod of the cluster", {}, path)
}

test_cilium_policies_with_several_specs if {
	open_spec := {"endpointSelector": {}, "ingress": [{"fromEntities": ["all"]}]}
	specs := [
		object.union(open_spec, {"ingressDeny": [{"fromEntities": ["world"]}]}),
		object.remove(open_spec, ["endpointSelector"]),
		open_spec,
	]
	policy := {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "specs": specs}
	network_openings.openings(policy) == opening("everybody", {}, ["specs", 2, "ingress", 0, "fromEntities", 0])
	other := object.union(cilium("CiliumNetworkPolicy", {"fromEntities": ["all"]}), {"kind": "CiliumEgressGatewayPolicy"})
	network_openings.openings(other) == set()
}

calico(kind, spec) := object_of("projectcalico.org/v3", kind, spec)

calico_rule(rule) := calico("NetworkPolicy", {"ingress": [rule]})

test_calico_sources if {
	every case in [
		[{}, "everybody", {}],
		[{"nets": [], "selector": ""}, "everybody", {}],
		[{"nets": ["10.0.0.0/8", "0.0.0.0/0"]}, "every address of 0.0.0.0/0", {"cidr": "0.0.0.0/0"}],
		[{"nets": ["0.0.0.0/0", "::/0"]}, "every address of 0.0.0.0/0", {"cidr": "0.0.0.0/0"}],
		[{"namespaceSelector": "all()"}, "every pod of the cluster", {}],
		[{"namespaceSelector": "all()", "selector": "all()"}, "every pod of the cluster", {}],
	] {
		[source, who, sender] := case
		found := network_openings.openings(calico_rule({"action": "Allow", "source": source}))
		found == opening(who, sender, ["spec", "ingress", 0, "source"])
	}
	network_openings.openings(calico_rule({"action": "Allow"})) == opening("everybody", {}, ["spec", "ingress", 0, "source"])
}

test_calico_rules_that_are_not_for_everybody if {
	every rule in [
		{"action": "Deny"},
		{"action": "Allow", "protocol": "TCP"},
		{"action": "Allow", "destination": {"ports": [80]}},
		{"action": "Allow", "source": {"nets": ["10.0.0.0/8"]}},
		{"action": "Allow", "source": {"nets": ["0.0.0.0/0"], "notNets": ["10.0.0.0/8"]}},
		{"action": "Allow", "source": {"selector": "all()"}},
		{"action": "Allow", "source": {"namespaceSelector": "team == 'shop'"}},
		{"action": "Allow", "source": {"namespaceSelector": "all()", "selector": "app == 'web'"}},
		{"action": "Allow", "source": {"namespaceSelector": "all()", "notSelector": "app == 'web'"}},
	] {
		network_openings.openings(calico_rule(rule)) == set()
	}
}

test_calico_rules_before_and_directions if {
	allow := {"action": "Allow"}
	second := calico("NetworkPolicy", {"ingress": [{"action": "Allow", "protocol": "TCP"}, allow]})
	network_openings.openings(second) == opening("everybody", {}, ["spec", "ingress", 1, "source"])
	every spec in [
		{"ingress": [{"action": "Deny", "source": {"nets": ["10.0.0.0/8"]}}, allow]},
		{"ingress": [allow], "types": ["Egress"]},
		{"ingress": [allow], "preDNAT": true},
		{"ingress": [allow], "doNotTrack": true},
	] {
		network_openings.openings(calico("NetworkPolicy", spec)) == set()
	}
}

test_calico_for_the_cluster if {
	policy := calico("GlobalNetworkPolicy", {"ingress": [{"action": "Allow", "source": {"selector": "all()"}}]})
	network_openings.openings(policy) == opening("every pod of the cluster", {}, ["spec", "ingress", 0, "source"])
}

admin(kind, spec) := object_of("policy.networking.k8s.io/v1alpha1", kind, spec)

test_admin_policies if {
	path := ["spec", "ingress", 0, "from", 0]
	every peer in [{"namespaces": {}}, {"pods": {"namespaceSelector": {}, "podSelector": {}}}] {
		allowed := network_openings.openings(admin("AdminNetworkPolicy", {"ingress": [{"action": "Allow", "from": [peer]}]}))
		allowed == opening("every pod of the cluster", {}, path)
		accepted := network_openings.openings(admin("ClusterNetworkPolicy", {
			"tier": "Admin",
			"ingress": [{"action": "Accept", "from": [peer]}],
		}))
		accepted == opening("every pod of the cluster", {}, path)
	}
}

test_admin_policies_that_do_not_let_everybody_in if {
	every rule in [
		{"action": "Pass", "from": [{"namespaces": {}}]},
		{"action": "Allow", "from": [{"namespaces": {}}], "ports": [{"portNumber": {"port": 80}}]},
		{"action": "Allow", "from": [{"namespaces": {}}], "protocols": [{"tcp": {}}]},
		{"action": "Allow", "from": [{"namespaces": {"matchLabels": {"a": "b"}}}]},
		{"action": "Allow", "from": [{"pods": {"namespaceSelector": {"matchLabels": {"a": "b"}}, "podSelector": {}}}]},
		{"action": "Allow", "from": [{"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}}]},
	] {
		network_openings.openings(admin("AdminNetworkPolicy", {"ingress": [rule]})) == set()
	}
}

test_policies_that_come_after_those_of_namespaces_open_nothing if {
	rule := {"action": "Allow", "from": [{"namespaces": {}}]}
	network_openings.openings(admin("BaselineAdminNetworkPolicy", {"ingress": [rule]})) == set()
	accepting := {"tier": "Admin", "ingress": [{"action": "Accept", "from": [{"namespaces": {}}]}]}
	network_openings.openings(admin("BaselineAdminNetworkPolicy", accepting)) == set()
	baseline := {"tier": "Baseline", "ingress": [{"action": "Accept", "from": [{"namespaces": {}}]}]}
	network_openings.openings(admin("ClusterNetworkPolicy", baseline)) == set()
}

test_policies_of_kubernetes_are_not_of_other_projects if {
	not is_judged(object_of("networking.k8s.io/v1", "NetworkPolicy", {"ingress": [{}]}))
}

is_judged(object_) if network_openings.openings(object_) != null

test_rules_of_odd_types_let_nobody_in if {
	every rule in [null, "all", {"fromCIDRSet": ["0.0.0.0/0", {}], "fromEndpoints": [null, "all"], "fromEntities": [{}], "fromCIDR": [0]}] {
		network_openings.openings(cilium("CiliumNetworkPolicy", rule)) == set()
	}
	every rule in [null, "Allow", {"action": "Allow", "source": {"nets": "0.0.0.0/0"}}, {"action": "Allow", "source": {"nets": [0, {}]}}] {
		network_openings.openings(calico_rule(rule)) == set()
	}
	every rule in [null, {"action": "Allow", "from": [null, "all", {"namespaces": null}, {"pods": "all"}]}] {
		network_openings.openings(admin("AdminNetworkPolicy", {"ingress": [rule]})) == set()
	}
}
