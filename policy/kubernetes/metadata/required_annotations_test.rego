package kpolicy.kubernetes.metadata.required_annotations_test

import data.kpolicy.kubernetes.metadata.required_annotations

deployment(annotations) := {"kind": "Deployment", "metadata": {"name": "web", "annotations": annotations}, "spec": {"template": {}}}

denial(msg) := {"msg": msg, "path": ["metadata", "annotations", "environment"]}

test_denies_a_missing_annotation if {
	every annotations in [{}, {"environment": ""}, {"environment": null}, null, "environment"] {
		found := required_annotations.deny with input as deployment(annotations) with data.params.metadata.required_annotations.annotations as ["environment"]
		found == {denial("Deployment web has no annotation environment")}
	}
}

test_allows_the_annotation if {
	found := required_annotations.deny with input as deployment({"environment": "production"}) with data.params.metadata.required_annotations.annotations as ["environment"]
	found == set()
}

test_allows_other_kinds if {
	found := required_annotations.deny with input as {"kind": "Namespace", "metadata": {"name": "x"}} with data.params.metadata.required_annotations.annotations as ["environment"]
	found == set()
}

test_annotations_and_message_are_parameters if {
	found := required_annotations.deny with input as deployment({})
		with data.params.metadata.required_annotations as {"annotations": ["team"], "message": "%s: whose is it? %s is missing"}
	found == {{"msg": "Deployment web: whose is it? team is missing", "path": ["metadata", "annotations", "team"]}}
}

test_a_message_without_places_is_kept_as_it_is if {
	found := required_annotations.deny with input as deployment({})
		with data.params.metadata.required_annotations as {"annotations": ["environment"], "message": "100% of workloads say their environment."}
	found == {denial("100% of workloads say their environment.")}
}

test_values_have_patterns if {
	found := required_annotations.deny with input as deployment({"environment": "prodd", "team": "a"})
		with data.params.metadata.required_annotations as {"annotations": ["environment"], "patterns": {"environment": "test|prod", "team": ".", "tier": "x"}}
	found == {denial("Deployment web has annotation environment with prodd, which is not of the pattern test|prod")}
}

test_kinds_and_templates_are_parameters if {
	found := required_annotations.deny with input as deployment({"environment": "test"})
		with data.params.metadata.required_annotations as {"annotations": ["environment"], "templates": true}
	found == {{
		"msg": "the pod template of Deployment web has no annotation environment",
		"path": ["spec", "template", "metadata", "annotations", "environment"],
	}}
	of_services := required_annotations.deny with input as {"kind": "Service", "metadata": {"name": "web"}}
		with data.params.metadata.required_annotations as {"annotations": ["environment"], "kinds": ["Serv*"]}
	of_services == {denial("Service web has no annotation environment")}
}
