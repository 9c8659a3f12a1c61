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
		found := kubernetes.pods with input as review
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
	list := {"kind": "List", "items": [{"kind": "List", "items": [typed, other, {"kind": "Pod"}]}, typed]}
	found := kubernetes.objects with input as list
	{[entry.path, entry.object.kind] | some entry in found} == {
		[["items", 0, "items", 0, "items", 0], "Pod"],
		[["items", 0, "items", 1], "Backup"],
		[["items", 0, "items", 2], "Pod"],
		[["items", 1, "items", 0], "Pod"],
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

test_an_update_has_both_objects if {
	every field in ["request", "review"] {
		review := {"oldObject": {"kind": "Pod", "metadata": {"name": "a"}}, "object": {"kind": "Pod", "metadata": {"name": "b"}}}
		found := kubernetes.updates with input as {field: review}
		found == {{"old": review.oldObject, "new": review.object, "path": [field, "object"]}}
	}
	created := kubernetes.updates with input as {"request": {"object": {"kind": "Pod"}, "oldObject": null}}
	created == set()
}
