package kpolicy.kubernetes.network.given_namespaces_test

import data.kpolicy.kubernetes.network.given_namespaces

namespace(name, labels) := [{"object": {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}}]

objects := {
	"Namespace": {"": {
		"bank": namespace("bank", {"team": "money"}),
		"shop": namespace("shop", {"team": "shop"}),
		"proxy": namespace("proxy", {"role": "entry"}),
	}},
	"NetworkPolicy": {"bank": {"p": [{"object": policy({"podSelector": {"matchLabels": {"app": "ledger"}}})}]}},
}

parameters := {"namespaces": {"bank*": ["proxy", "ops-*"]}, "addresses": ["10.0.0.0/8"]}

policy(spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "p", "namespace": "bank"},
	"spec": spec,
}

found(object_) := denied if {
	denied := given_namespaces.deny with input as object_
		with data.inventory as {"objects": objects}
		with data.params.network.given_namespaces as parameters
}

from(peer) := policy({"ingress": [{"from": [peer]}]})

by_name(name) := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}

denial(who, steps) := {{
	"msg": sprintf("NetworkPolicy p lets %s into namespace bank", [who]),
	"path": array.concat(["spec", "ingress", 0, "from"], steps),
}}

test_denies_everybody if {
	found(policy({"ingress": [{"ports": [{"port": 80}]}]})) == denial("everybody", [])
	found(from({"namespaceSelector": {}})) == denial("every namespace", [0, "namespaceSelector"])
	found(from({"ipBlock": {"cidr": "0.0.0.0/0"}})) == denial("the addresses of 0.0.0.0/0", [0, "ipBlock"])
}

test_denies_other_namespaces_by_name_and_by_label if {
	expected := denial("namespace shop", [0, "namespaceSelector"])
	found(from(by_name("shop"))) == expected
	found(from({"namespaceSelector": {"matchLabels": {"team": "shop"}}})) == expected
	selector := {"matchExpressions": [{"key": "team", "operator": "In", "values": ["shop", "money"]}]}
	found(from({"namespaceSelector": selector, "podSelector": {}})) == expected
}

test_denies_a_namespace_that_only_a_selector_names if {
	found(from(by_name("elsewhere"))) == denial("namespace elsewhere", [0, "namespaceSelector"])
}

test_denies_labels_that_nobody_knows if {
	who := "whatever namespaces have labels that no Namespace of the files has"
	found(from({"namespaceSelector": {"matchLabels": {"team": "none"}}})) == denial(who, [0, "namespaceSelector"])
}

test_allows_the_given_ones_and_the_namespace_itself if {
	every peer in [
		by_name("proxy"),
		by_name("ops-night"),
		by_name("bank"),
		{"namespaceSelector": {"matchLabels": {"role": "entry"}}},
		{"podSelector": {}},
		{"ipBlock": {"cidr": "10.1.0.0/16"}},
	] {
		found(from(peer)) == set()
	}
}

test_other_namespaces_are_not_judged if {
	elsewhere := json.patch(from({"namespaceSelector": {}}), [{
		"op": "replace",
		"path": "metadata/namespace",
		"value": "shop",
	}])
	found(elsewhere) == set()
}

pod(app) := {"kind": "Pod", "metadata": {"name": app, "namespace": "bank", "labels": {"app": app}}}

test_denies_a_pod_that_nothing_isolates if {
	found(pod("web")) == {{
		"msg": "every namespace may reach the pods of Pod web: no NetworkPolicy isolates their ingress",
		"path": ["metadata", "labels"],
	}}
	found(pod("ledger")) == set()
}

test_is_quiet_without_its_parameter if {
	denied := given_namespaces.deny with input as from({"namespaceSelector": {}}) with data.inventory as {"objects": objects}
	denied == set()
}

given_ranges(ranges, cidr) := denied if {
	denied := given_namespaces.deny with input as from({"ipBlock": {"cidr": cidr}})
		with data.inventory as {"objects": objects}
		with data.params.network.given_namespaces as {"namespaces": {"bank": []}, "addresses": ranges}
}

test_what_is_no_range_allows_nothing if {
	given_ranges(["10.0.0.0/40"], "10.1.0.0/16") == denial("the addresses of 10.1.0.0/16", [0, "ipBlock"])
	given_ranges(["10.0.0.0/8"], "10.1.2.3") == denial("the addresses of 10.1.2.3", [0, "ipBlock"])
}

test_pods_of_other_namespaces_and_on_the_network_of_their_node_are_not_judged if {
	found(object.union(pod("web"), {"metadata": {"namespace": "shop"}})) == set()
	found(object.union(pod("web"), {"spec": {"hostNetwork": true}})) == set()
}

test_says_nothing_where_the_set_is_not_known if {
	every object_ in [pod("web"), from({"namespaceSelector": {}})] {
		denied := given_namespaces.deny with input as object_ with data.params.network.given_namespaces as parameters
		denied == set()
	}
}

test_every_namespace_is_one_guest if {
	open := from({"namespaceSelector": {}})
	denied := given_namespaces.deny with input as open
		with data.inventory as {"objects": {"NetworkPolicy": {"bank": {"p": [{"object": open}]}}}}
		with data.params.network.given_namespaces as parameters
	denied == denial("every namespace", [0, "namespaceSelector"])
}

test_a_selector_of_namespaces_that_is_null_is_none if {
	found(from({"namespaceSelector": null, "podSelector": {}})) == set()
}

test_every_namespace_can_be_given if {
	denied := given_namespaces.deny with input as from({"namespaceSelector": {}})
		with data.inventory as {"objects": objects}
		with data.params.network.given_namespaces.namespaces as {"bank": ["*"]}
	denied == set()
}
