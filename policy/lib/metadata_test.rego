package kpolicy.lib.metadata_test

import data.kpolicy.lib.metadata

deployment := {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"metadata": {"labels": {"app": "web"}}}}}

test_objects_and_templates_by_kind if {
	found := metadata.objects(["Deploy*"]) with input as deployment
	{[entry.name, entry.path] | some entry in found} == {["Deployment web", []]}
	templates := metadata.templates(["*"]) with input as deployment
	{[entry.name, entry.path] | some entry in templates} == {["the pod template of Deployment web", ["spec", "template"]]}
	none := metadata.objects(["Service"]) with input as deployment
	none == set()
	pods := metadata.templates(["*"]) with input as {"kind": "Pod"}
	pods == set()
}

test_values if {
	holder := {"metadata": {"labels": {"app": "web", "port": 80, "none": null}}}
	metadata.value(holder, "labels", "app") == "web"
	metadata.value(holder, "labels", "port") == "80"
	metadata.value(holder, "labels", "none") == ""
	metadata.value(holder, "annotations", "app") == ""
	metadata.value({"metadata": "odd"}, "labels", "app") == ""
}

test_patterns_are_of_the_whole_text if {
	metadata.is_of("prod|test", "prod")
	not metadata.is_of("prod|test", "production")
	not metadata.is_of("(", "(")
}

test_messages if {
	metadata.filled("%s lacks %s", "Pod web", "team") == "Pod web lacks team"
	metadata.filled("100% of pods say their team.", "Pod web", "team") == "100% of pods say their team."
}
