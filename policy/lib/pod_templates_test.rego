package kpolicy.lib.pod_templates_test

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pod_templates
import data.kpolicy.lib.pods

# An object of a kind, with a value at a path.
holding(key, steps, value) := object.union({"kind": parts[0], "apiVersion": version}, tree) if {
	parts := split(key, ".")
	version := concat("", [concat(".", array.slice(parts, 1, count(parts))), "/v1"])
	tree := json.patch({}, array.concat(
		[{"op": "add", "path": array.slice(steps, 0, end), "value": {}} |
			some end in numbers.range(1, count(steps))
			end < count(steps)
		],
		[{"op": "add", "path": steps, "value": value}],
	))
}

pod_spec := {"containers": [{"name": "a", "image": "a"}], "hostNetwork": true}

test_every_path_leads_to_a_pod if {
	every key, paths in pod_templates.paths {
		every path in paths {
			steps := split(replace(path, "*", "x"), ".")
			of_template := kubernetes.containers with input as holding(key, steps, {"spec": pod_spec})
			{entry.path | some entry in of_template} == {array.concat(steps, ["spec", "containers", 0])}
			of_spec := kubernetes.containers with input as holding(key, steps, pod_spec)
			{entry.path | some entry in of_spec} == {array.concat(steps, ["containers", 0])}
		}
	}
}

test_a_kind_is_told_apart_by_its_group if {
	service := {"kind": "Service", "apiVersion": "v1", "spec": {"template": {"spec": pod_spec}}}
	found := kubernetes.pods with input as service
	found == set()
	knative := kubernetes.pods with input as object.union(service, {"apiVersion": "serving.knative.dev/v1"})
	{entry.path | some entry in knative} == {["spec", "template"]}
}

test_a_kind_of_the_settings if {
	fleet := {"kind": "Fleet", "apiVersion": "x.example/v1", "spec": {"servers": [{"pod": {"spec": pod_spec}}]}}
	given := {"kubernetes": {"pod_templates": {"paths": {"Fleet": "spec.servers.*.pod"}}}}
	found := kubernetes.pods with input as fleet with data.params as given
	{entry.path | some entry in found} == {["spec", "servers", 0, "pod"]}
}

workflow := {
	"kind": "Workflow",
	"apiVersion": "argoproj.io/v1alpha1",
	"spec": {
		"hostNetwork": true,
		"securityContext": {"runAsUser": 0},
		"templates": [
			{"name": "all", "steps": [[{"name": "one", "template": "one"}]]},
			{"name": "one", "script": {"image": "a"}, "sidecars": [{"image": "b"}], "initContainers": [{"image": "c"}]},
			{"name": "two", "container": {"image": "d"}, "securityContext": {"runAsUser": 1}},
		],
	},
}

test_the_containers_of_a_workflow if {
	found := {[entry.container.image, entry.path] | some entry in kubernetes.containers with input as workflow}
	found == {
		["a", ["spec", "templates", 1, "script"]],
		["b", ["spec", "templates", 1, "sidecars", 0]],
		["c", ["spec", "templates", 1, "initContainers", 0]],
		["d", ["spec", "templates", 2, "container"]],
	}
}

test_what_a_workflow_says_for_all_its_pods if {
	users := {[entry.container.image, pods.setting(entry, "runAsUser"), pods.setting_path(entry, "runAsUser")] |
		some entry in pods.containers with input as workflow
		not entry.container.image == "c"
	}
	of_workflow := ["spec", "securityContext", "runAsUser"]
	users == {
		["a", 0, of_workflow],
		["b", 0, of_workflow],
		["d", 1, ["spec", "templates", 2, "securityContext", "runAsUser"]],
	}
	places := {kubernetes.at(entry, ["spec", "hostNetwork"]) | some entry in kubernetes.pods with input as workflow}
	places == {["spec", "hostNetwork"]}
}

test_steps_of_a_task_take_what_their_template_says if {
	task := {
		"kind": "Task",
		"apiVersion": "tekton.dev/v1",
		"spec": {"stepTemplate": {"securityContext": {"privileged": true}}, "steps": [{"image": "a"}]},
	}
	found := {[entry.path, entry.container.securityContext.privileged] |
		some entry in kubernetes.containers with input as {"kind": "List", "items": [task]}
	}
	found == {[["items", 0, "spec", "steps", 0], true]}
}

test_a_model_is_a_container if {
	service := {
		"kind": "InferenceService",
		"apiVersion": "serving.kserve.io/v1beta1",
		"spec": {"predictor": {"serviceAccountName": "a", "model": {"image": "m"}}},
	}
	found := {entry.path | some entry in kubernetes.containers with input as service}
	found == {["spec", "predictor", "model"]}
	accounts := {kubernetes.at(entry, ["spec", "serviceAccountName"]) | some entry in kubernetes.pods with input as service}
	accounts == {["spec", "predictor", "serviceAccountName"]}
}

test_a_kind_is_known_without_its_group if {
	every version in [null, 1, "v1", "apps/v1", ["apps/v1"]] {
		deployment := {"kind": "Deployment", "apiVersion": version, "spec": {"template": {"spec": pod_spec}}}
		found := kubernetes.pods with input as deployment
		{entry.path | some entry in found} == {["spec", "template"]}
	}
}

test_a_template_of_steps_that_is_none_says_nothing if {
	every odd in [null, "x", []] {
		task := {"kind": "Task", "apiVersion": "tekton.dev/v1", "spec": {"stepTemplate": odd, "steps": [{"image": "a"}]}}
		found := {entry.container | some entry in kubernetes.containers with input as task}
		found == {{"image": "a"}}
	}
}
