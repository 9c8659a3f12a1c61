package kpolicy.kubernetes.network.given_traffic_test

import data.kpolicy.kubernetes.network.given_traffic

policy(namespace, name, spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": name, "namespace": namespace},
	"spec": spec,
}

pod(namespace, app, ports) := {
	"kind": "Pod",
	"metadata": {"name": app, "namespace": namespace, "labels": {"app": app}},
	"spec": {"containers": [{"name": app, "ports": ports}]},
}

db := pod("shop", "db", [{"name": "sql", "containerPort": 5432}])

pods := {
	"shop": {"db": [{"object": db}], "api": [{"object": pod("shop", "api", [])}]},
	"tools": {"report": [{"object": pod("tools", "report", [])}]},
}

parameter := [
	{
		"from": {"namespace": "shop", "labels": {"app": "api"}},
		"to": {"namespace": "shop", "labels": {"app": "db"}},
		"ports": [5432],
	},
	{"from": {"cidr": "10.0.0.0/8"}, "to": {"namespace": "shop", "labels": {"app": "db"}}},
]

# What is found in a policy for the pods of db, where the files have the pods above and further policies.
found(rule, further) := denied if {
	judged := policy("shop", "db", {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [rule]})
	policies := object.union({"shop": {"db": [{"object": judged}]}}, further)
	denied := given_traffic.deny with input as judged
		with data.inventory as {"objects": {"Pod": pods, "NetworkPolicy": policies}}
		with data.params.network.given_traffic.allowed as parameter
}

app(name) := {"podSelector": {"matchLabels": {"app": name}}}

denial(who, steps) := {{
	"msg": sprintf("NetworkPolicy db lets %s connect to Pod db, which is not among the given traffic", [who]),
	"path": array.concat(["spec", "ingress", 0, "from"], steps),
}}

test_denies_everybody_and_every_pod_and_other_addresses if {
	found({"ports": [{"port": 5432}]}, {}) == denial("everybody", [])
	found({"from": [{"namespaceSelector": {}}]}, {}) == denial("every pod of the cluster", [0])
	found({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, {}) == denial("0.0.0.0/0", [0])
}

test_denies_a_pod_that_is_not_given if {
	peer := object.union(app("report"), {"namespaceSelector": {"matchExpressions": [{
		"key": "kubernetes.io/metadata.name",
		"operator": "NotIn",
		"values": ["shop"],
	}]}})
	expected := denial("Pod report of namespace tools", [0])
	found({"from": [peer], "ports": [{"port": 5432}]}, {}) == expected

	# Its own policies may not let it out.
	silent := {"tools": {"silent": [{"object": policy("tools", "silent", {"policyTypes": ["Egress"]})}]}}
	found({"from": [peer], "ports": [{"port": 5432}]}, silent) == set()

	# Another policy that lets it out counts with that.
	lets_out := policy("tools", "out", {"policyTypes": ["Egress"], "egress": [{"to": [{"namespaceSelector": {}}]}]})
	both := {"tools": object.union(silent.tools, {"out": [{"object": lets_out}]})}
	found({"from": [peer], "ports": [{"port": 5432}]}, both) == expected
}

test_denies_ports_that_are_not_given if {
	every ports in [[], [{}], [{"port": 5433}], [{"port": 5432, "endPort": 5433}], [{"port": "admin"}], [{"port": 5432}, {"port": 80}]] {
		found({"from": [app("api")], "ports": ports}, {}) == denial("Pod api of namespace shop", [0])
	}
}

test_denies_ports_that_are_none if {
	every ports in [[null], ["sql"], [{"port": 5432, "endPort": 5432.5}], [{"port": 1, "endPort": 65535}]] {
		found({"from": [app("api")], "ports": ports}, {}) == denial("Pod api of namespace shop", [0])
	}
}

test_allows_the_given_traffic if {
	every ports in [[{"port": 5432}], [{"port": "sql"}], [{"port": 5432, "endPort": 5432}]] {
		found({"from": [app("api")], "ports": ports}, {}) == set()
	}
	found({"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}, {}) == set()
}

test_denies_a_pod_that_nothing_isolates if {
	denied := given_traffic.deny with input as db
		with data.inventory as {"objects": {"Pod": pods}}
		with data.params.network.given_traffic.allowed as parameter
	denied == {{
		"msg": "everybody may reach the pods of Pod db: no NetworkPolicy isolates their ingress",
		"path": ["metadata", "labels"],
	}}
}

test_other_namespaces_and_a_missing_parameter_are_quiet if {
	elsewhere := given_traffic.deny with input as pod("tools", "report", [])
		with data.inventory as {"objects": {"Pod": pods}}
		with data.params.network.given_traffic.allowed as parameter
	elsewhere == set()
	without := given_traffic.deny with input as db with data.inventory as {"objects": {"Pod": pods}}
	without == set()
}

# What is found in a policy of a namespace for pods of an application, where the files have the pods above and no other
# policies.
found_for(namespace, name, rule) := denied if {
	judged := policy(namespace, name, object.union(app(name), {"ingress": [rule]}))
	denied := given_traffic.deny with input as judged
		with data.inventory as {"objects": {"Pod": pods, "NetworkPolicy": {namespace: {name: [{"object": judged}]}}}}
		with data.params.network.given_traffic.allowed as parameter
}

test_traffic_is_given_to_some_pods_alone if {
	found_for("shop", "api", {"from": [app("api")], "ports": [{"port": 5432}]}) == {{
		"msg": "NetworkPolicy api lets Pod api of namespace shop connect to Pod api, which is not among the given traffic",
		"path": ["spec", "ingress", 0, "from", 0],
	}}
}

test_traffic_is_given_from_some_pods_alone if {
	found({"from": [app("db")], "ports": [{"port": 5432}]}, {}) == denial("Pod db of namespace shop", [0])
}

test_policies_of_other_namespaces_are_not_judged if {
	found_for("tools", "report", {}) == set()
}

test_what_is_no_range_is_not_given if {
	found({"from": [{"ipBlock": {"cidr": "10.1.2.3"}}]}, {}) == denial("10.1.2.3", [0])
	judged := policy("shop", "db", object.union(app("db"), {"ingress": [{"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]}))
	denied := given_traffic.deny with input as judged
		with data.inventory as {"objects": {"Pod": pods}}
		with data.params.network.given_traffic.allowed as [{"from": {"cidr": "10.0.0.0/40"}, "to": {"namespace": "shop"}}]
	denied == denial("10.1.0.0/16", [0])
}

test_pods_that_are_isolated_or_on_the_network_of_their_node_are_quiet if {
	isolating := policy("shop", "db", app("db"))
	every one in [db, object.union(pod("shop", "api", []), {"spec": {"hostNetwork": true}})] {
		denied := given_traffic.deny with input as one
			with data.inventory as {"objects": {"Pod": pods, "NetworkPolicy": {"shop": {"db": [{"object": isolating}]}}}}
			with data.params.network.given_traffic.allowed as parameter
		denied == set()
	}
}

test_says_nothing_where_the_set_is_not_known if {
	every one in [db, policy("shop", "db", object.union(app("db"), {"ingress": [{}]}))] {
		denied := given_traffic.deny with input as one with data.params.network.given_traffic.allowed as parameter
		denied == set()
	}
}

cilium(kind, metadata, spec) := object.union({"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata}, spec)

cilium_db(rule) := cilium("CiliumNetworkPolicy", {"name": "db", "namespace": "shop"}, {"spec": cilium_spec("db", rule)})

cilium_spec(name, rule) := {"endpointSelector": {"matchLabels": {"k8s:app": name}}, "ingress": [rule]}

# What is found in a policy of Cilium, where the files have these pods and a policy that denies in one of these ways.
found_of_cilium(judged, those, denies) := denied if {
	other := cilium("CiliumClusterwideNetworkPolicy", {"name": "other"}, {"spec": {"endpointSelector": {}, "ingressDeny": denies}})
	denied := given_traffic.deny with input as judged
		with data.inventory as {"objects": {"Pod": those, "CiliumClusterwideNetworkPolicy": {"": {"other": [{"object": other}]}}}}
		with data.params.network.given_traffic.allowed as parameter
}

cilium_denial(kind, who, path) := {{
	"msg": sprintf("%s db lets %s connect to Pod db, which is not among the given traffic", [kind, who]),
	"path": path,
}}

test_denies_what_cilium_lets_in if {
	path := ["spec", "ingress", 0, "fromEntities", 0]
	found_of_cilium(cilium_db({"fromEntities": ["all"]}), pods, []) == cilium_denial("CiliumNetworkPolicy", "everybody", path)
	world := found_of_cilium(cilium_db({"fromEntities": ["world"]}), pods, [])
	world == cilium_denial("CiliumNetworkPolicy", "every address outside of the cluster", path)
}

test_only_the_pods_of_a_rule_of_cilium_are_judged if {
	kind := "CiliumClusterwideNetworkPolicy"
	specs := [cilium_spec("db", {"fromEntities": ["host"]}), cilium_spec("web", {"fromEntities": ["all"]})]
	found_of_cilium(cilium(kind, {"name": "db"}, {"specs": specs}), pods, []) == set()
	open_spec := array.concat(specs, [cilium_spec("db", {"fromEntities": ["all"]})])
	found := found_of_cilium(cilium(kind, {"name": "db"}, {"specs": open_spec}), pods, [])
	found == cilium_denial(kind, "everybody", ["specs", 2, "ingress", 0, "fromEntities", 0])
	elsewhere := cilium("CiliumNetworkPolicy", {"name": "db", "namespace": "tools"}, {"spec": cilium_spec("db", {"fromEntities": ["all"]})})
	found_of_cilium(elsewhere, pods, []) == set()
}

test_given_traffic_and_pods_of_the_node_and_denied_traffic_are_quiet_in_cilium if {
	everybody := cilium_db({"fromEntities": ["all"]})
	on_node := object.union(db, {"spec": {"hostNetwork": true}})
	found_of_cilium(everybody, {"shop": {"db": [{"object": on_node}]}}, []) == set()
	found_of_cilium(everybody, pods, [{"fromEntities": ["world"]}]) == set()
	addresses := given_traffic.deny with input as cilium_db({"fromCIDR": ["0.0.0.0/0"]})
		with data.inventory as {"objects": {"Pod": pods}}
		with data.params.network.given_traffic.allowed as [{"from": {"cidr": "0.0.0.0/0"}, "to": {"namespace": "shop"}}]
	addresses == set()
}

test_rules_of_calico_are_not_judged if {
	calico := {
		"apiVersion": "projectcalico.org/v3",
		"kind": "NetworkPolicy",
		"metadata": {"name": "db", "namespace": "shop"},
		"spec": {"ingress": [{"action": "Allow"}]},
	}
	found_of_cilium(calico, pods, []) == set()
}
