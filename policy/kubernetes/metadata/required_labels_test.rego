package kpolicy.kubernetes.metadata.required_labels_test

import data.kpolicy.kubernetes.metadata.required_labels

deployment(labels) := {"kind": "Deployment", "metadata": {"name": "web", "labels": labels}}

denial(msg) := {"msg": msg, "path": ["metadata", "labels", "environment"]}

test_denies_a_missing_label if {
	found := required_labels.deny with input as deployment({})
	found == {denial("Deployment web has no label environment")}
}

test_denies_an_empty_label if {
	found := required_labels.deny with input as deployment({"environment": ""})
	found == {denial("Deployment web has no label environment")}
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
		with data.params.metadata.required_labels.message as "100% of workloads say their environment."
	found == {denial("100% of workloads say their environment.")}
}
