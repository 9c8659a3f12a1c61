package kpolicy.lib.kubernetes_test

import data.kpolicy.lib.kubernetes

spec := {
	"containers": [{"name": "a"}],
	"initContainers": [{"name": "b"}],
	"ephemeralContainers": [{"name": "c"}],
}

test_containers_of_a_pod_with_their_paths if {
	found := {[entry.container.name, entry.path] |
		some entry in kubernetes.containers with input as {"kind": "Pod", "spec": spec}
	}
	found == {
		["a", ["spec", "containers", 0]],
		["b", ["spec", "initContainers", 0]],
		["c", ["spec", "ephemeralContainers", 0]],
	}
}

test_what_is_no_container_is_passed_over if {
	odd := {"containers": [null, "a", {"name": "a"}], "initContainers": {}}
	found := kubernetes.containers with input as {"kind": "Pod", "spec": odd}
	{entry.path | some entry in found} == {["spec", "containers", 2]}
}

test_every_kind_of_workload_has_its_pod if {
	of_kubernetes := {kind: split(paths[0], ".") | some kind, paths in kubernetes.pod_templates; not contains(kind, ".")}
	count(of_kubernetes) == 9
	every kind, path in of_kubernetes {
		review := json.patch({"kind": kind}, patches(path))
		found := kubernetes.pods with input as review
		{entry.path | some entry in found} == {path}
	}
}

patches(path) := array.concat(
	[{"op": "add", "path": array.slice(path, 0, end), "value": {}} | some end in numbers.range(1, count(path) - 1); end > 0; end < count(path)],
	[{"op": "add", "path": path, "value": {"spec": spec}}],
)

test_items_of_a_list if {
	found := kubernetes.pods with input as {"kind": "List", "items": [{"kind": "Pod"}, {"kind": "Service"}]}
	{entry.path | some entry in found} == {["items", 0]}
}

test_the_object_of_an_admission_review if {
	review := {"kind": "AdmissionReview", "request": {"object": {"kind": "Pod", "spec": spec}}}
	found := kubernetes.containers with input as review
	{entry.path | some entry in found; entry.container.name == "a"} == {["request", "object", "spec", "containers", 0]}
}

test_the_object_of_a_gatekeeper_review if {
	found := kubernetes.pods with input as {"review": {"object": {"kind": "Pod"}}}
	{entry.path | some entry in found} == {["review", "object"]}
}

test_items_of_a_typed_list_have_its_kind if {
	found := kubernetes.pods with input as {"kind": "PodList", "items": [{"spec": spec}, "no object"]}
	{[entry.path, entry.object.kind] | some entry in found} == {[["items", 0], "Pod"]}
}

test_the_old_object_of_a_deletion if {
	every field in ["request", "review"] {
		review := {field: {"operation": "DELETE", "object": null, "oldObject": {"kind": "Pod"}}}
		found := kubernetes.objects with input as review
		{entry.path | some entry in found} == {[field, "oldObject"]}
	}
}

test_the_new_object_of_an_update if {
	review := {"request": {"object": {"kind": "Pod"}, "oldObject": {"kind": "Pod"}}}
	found := kubernetes.pods with input as review
	{entry.path | some entry in found} == {["request", "object"]}
}

test_lists_in_lists if {
	typed := {"kind": "PodList", "items": [{"spec": spec}]}
	other := {"kind": "Backup", "items": [{"kind": "Pod"}]}
	list := {"kind": "List", "items": [{"kind": "List", "items": [typed, other, {"kind": "Pod"}, "odd", null]}, typed, other]}
	found := kubernetes.objects with input as list
	{[entry.path, entry.object.kind] | some entry in found} == {
		[["items", 0, "items", 0, "items", 0], "Pod"],
		[["items", 0, "items", 1], "Backup"],
		[["items", 0, "items", 2], "Pod"],
		[["items", 1, "items", 0], "Pod"],
		[["items", 2], "Backup"],
	}
}

test_a_list_in_a_field_of_a_list_holds_no_objects if {
	inner := {"kind": "List", "metadata": {"before": {"kind": "List", "items": [{"kind": "Pod"}]}}, "items": [{"kind": "Service"}]}
	found := kubernetes.objects with input as {"kind": "List", "items": [inner]}
	{entry.path | some entry in found} == {["items", 0, "items", 0]}
}

test_a_kind_with_items_of_its_own_is_an_object if {
	every manifest in [
		{"kind": "Backup", "items": [{"kind": "Pod"}]},
		{"kind": "AllowList", "spec": {}},
		{"kind": "AllowList", "items": {"web": {"kind": "Pod"}}},
	] {
		found := kubernetes.objects with input as manifest
		found == {{"object": manifest, "path": []}}
	}
}

test_a_review_has_its_object_alone if {
	review := {"kind": "AdmissionReview", "request": {"object": {"kind": "Pod"}, "oldObject": null}}
	found := kubernetes.objects with input as review
	found == {{"object": {"kind": "Pod"}, "path": ["request", "object"]}}
	connecting := kubernetes.objects with input as {"kind": "AdmissionReview", "request": {"object": null, "oldObject": null}}
	connecting == set()
}

test_a_document_whose_kind_is_no_text_is_no_object if {
	every kind in [null, 3, ["Pod"], {}] {
		found := kubernetes.objects with input as {"kind": kind, "spec": spec}
		found == set()
	}
}

# The pods of a Deployment with a template.
pods_of(template) := found if {
	found := kubernetes.pods with input as {"kind": "Deployment", "spec": {"template": template}}
}

test_a_template_without_a_spec_makes_a_pod if {
	every template in [{}, {"spec": null}, {"metadata": {}, "spec": {}}] {
		{[entry.pod, entry.path] | some entry in pods_of(template)} == {[template, ["spec", "template"]]}
	}
	pods_of({"spec": "odd"}) == set()
}

test_a_template_that_is_a_spec_itself_makes_one_pod if {
	{entry.pod | some entry in pods_of({"containers": [{"name": "a"}]})} == {{"spec": {"containers": [{"name": "a"}]}}}
}

test_images_of_containers_and_volumes if {
	sources := [{"reference": "quay.io/a:1"}, {"reference": ""}, {"reference": 3}, {}, null]
	volumes := [{"name": "v", "image": source} | some source in sources]
	containers := [{"name": "c", "image": image} | some image in ["nginx", "", 3, null]]
	found := kubernetes.images with input as {"kind": "Pod", "spec": {"containers": containers, "volumes": volumes}}
	{[entry.image, entry.path, entry.use] | some entry in found} == {
		["nginx", ["spec", "containers", 0, "image"], "container c runs"],
		["quay.io/a:1", ["spec", "volumes", 0, "image", "reference"], "volume v mounts"],
	}
}

test_a_manifest_does_not_hide_behind_fields_of_a_review if {
	every field in ["request", "review"] {
		found := kubernetes.pods with input as {"kind": "Pod", field: {"object": {}}}
		{entry.path | some entry in found} == {[]}
	}
}

test_names_with_and_without_metadata if {
	kubernetes.name_of({"kind": "Pod", "metadata": {"name": "web"}}) == "Pod web"
	kubernetes.name_of({"kind": "Pod", "metadata": {"name": 3}}) == "Pod 3"
	kubernetes.name_of({"kind": "Pod"}) == "Pod"
	kubernetes.name_of({"kind": "Job", "metadata": {"generateName": "backup-"}}) == "Job backup-"
}

test_a_parameter_has_a_default_without_data if {
	kubernetes.parameter("a", "b", "c", 1) == 1
	kubernetes.parameter("a", "b", "c", 1) == 2 with data.params as {"a": {"b": {"c": 2}}}
}

test_a_kind_that_is_no_text_is_no_list if {
	every kind in [null, 3, ["List"], {}] {
		found := kubernetes.objects with input as {"kind": "List", "items": [{"kind": kind, "items": []}]}
		{entry.path | some entry in found} == {["items", 0]}
	}
}

test_a_field_named_as_a_review_that_is_no_object_is_no_review if {
	every field in ["request", "review"] {
		every value in [null, "GET /", 3, ["GET"]] {
			stub := {"kind": "Stub", field: value}
			found := kubernetes.objects with input as stub
			found == {{"object": stub, "path": []}}
		}
	}
}

test_an_update_has_both_objects if {
	every field in ["request", "review"] {
		review := {"oldObject": {"kind": "Pod", "metadata": {"name": "a"}}, "object": {"kind": "Pod", "metadata": {"name": "b"}}}
		found := kubernetes.updates with input as {field: review}
		found == {{"old": review.oldObject, "new": review.object, "path": [field, "object"]}}
	}
	created := kubernetes.updates with input as {"request": {"object": {"kind": "Pod"}, "oldObject": null}}
	created == set()
	deleted := kubernetes.updates with input as {"request": {"object": null, "oldObject": {"kind": "Pod"}}}
	deleted == set()
}
