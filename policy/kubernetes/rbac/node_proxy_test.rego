package kpolicy.kubernetes.rbac.node_proxy_test

import data.kpolicy.kubernetes.rbac.node_proxy

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in node_proxy.ways {
		every verb in way.verbs {
			found := node_proxy.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "nodes/proxy", "get"), rule("", "*", "get"), rule("", "nodes/proxy", "*")] {
		found := node_proxy.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "nodes/proxy", "get"), rule("", "nodes/proxy", "deletecollection"), rule("", "nodes/proxys", "get"), rule("", "nodes/*", "deletecollection")] {
		found := node_proxy.deny with input as role(given)
		found == set()
	}
}

test_allows_nodes_of_some_names if {
	found := node_proxy.deny with input as role(object.union(rule("", "nodes/proxy", "get"), {"resourceNames": ["node-1"]}))
	found == set()
}
