package kpolicy.kubernetes.rbac.webhook_configurations_test

import data.kpolicy.kubernetes.rbac.webhook_configurations

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in webhook_configurations.ways {
		every verb in way.verbs {
			found := webhook_configurations.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "mutatingwebhookconfigurations", "create"), rule("admissionregistration.k8s.io", "*", "create"), rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "*")] {
		found := webhook_configurations.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "mutatingwebhookconfigurations", "create"), rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "deletecollection"), rule("admissionregistration.k8s.io", "mutatingwebhookconfigurationss", "create"), rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations/*", "deletecollection")] {
		found := webhook_configurations.deny with input as role(given)
		found == set()
	}
}

test_allows_configurations_of_some_names if {
	update := rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "update")
	found := webhook_configurations.deny with input as role(object.union(update, {"resourceNames": ["mine"]}))
	found == set()
}
