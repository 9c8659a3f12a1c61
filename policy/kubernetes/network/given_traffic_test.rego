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
