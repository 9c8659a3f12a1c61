package kpolicy.kubernetes.metadata.required_labels_test

import data.kpolicy.kubernetes.metadata.required_labels

deployment(labels) := {"kind": "Deployment", "metadata": {"name": "web", "labels": labels}, "spec": {"template": {}}}

denial(msg) := {"msg": msg, "path": ["metadata", "labels", "environment"]}

test_denies_a_missing_label if {
	every labels in [{}, {"environment": ""}, {"environment": null}, null, "environment"] {
		found := required_labels.deny with input as deployment(labels)
		found == {denial("Deployment web has no label environment")}
	}
}

test_allows_the_label if {
	found := required_labels.deny with input as deployment({"environment": "production"})
	found == set()
}

test_allows_other_kinds if {
	found := required_labels.deny with input as {"kind": "Namespace", "metadata": {"name": "x"}}
	found == set()
}

test_labels_and_message_are_parameters if {
	found := required_labels.deny with input as deployment({})
		with data.params.metadata.required_labels as {"labels": ["team"], "message": "%s: whose is it? %s is missing"}
	found == {{"msg": "Deployment web: whose is it? team is missing", "path": ["metadata", "labels", "team"]}}
}

test_a_message_without_places_is_kept_as_it_is if {
	found := required_labels.deny with input as deployment({})
		with data.params.metadata.required_labels as {"message": "100% of workloads say their environment."}
	found == {denial("100% of workloads say their environment.")}
}

test_values_have_patterns if {
	found := required_labels.deny with input as deployment({"environment": "prodd", "team": "a"})
		with data.params.metadata.required_labels as {"patterns": {"environment": "test|prod", "team": ".", "tier": "x"}}
	found == {denial("Deployment web has label environment with prodd, which is not of the pattern test|prod")}
}

test_kinds_and_templates_are_parameters if {
	found := required_labels.deny with input as deployment({"environment": "test"})
		with data.params.metadata.required_labels as {"templates": true}
	found == {{
		"msg": "the pod template of Deployment web has no label environment",
		"path": ["spec", "template", "metadata", "labels", "environment"],
	}}
	of_services := required_labels.deny with input as {"kind": "Service", "metadata": {"name": "web"}}
		with data.params.metadata.required_labels as {"kinds": ["Serv*"]}
	of_services == {denial("Service web has no label environment")}
}
