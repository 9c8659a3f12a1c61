# METADATA
# title: One view of Kubernetes objects
# description: |
#   The objects under review, their pods and their containers, each with its path into the input, for a bare
#   manifest, the items of a List, an AdmissionReview and a Gatekeeper review alike.
package kpolicy.lib.kubernetes

# Each object under review: {"object": …, "path": …}.
objects contains {"object": input, "path": []} if {
	is_string(input.kind)
	input.kind != "AdmissionReview"
	not is_list
}

# The API server leaves the kind out of the items of a PodList: the list's name tells it.
objects contains {"object": object.union({"kind": item_kind}, item), "path": ["items", index]} if {
	is_list
	item_kind := trim_suffix(input.kind, "List")
	some index, item in input.items
	is_object(item)
}

objects contains {"object": input.request.object, "path": ["request", "object"]} if {
	is_object(input.request.object)
}

objects contains {"object": input.review.object, "path": ["review", "object"]} if {
	is_object(input.review.object)
}

is_list if {
	endswith(input.kind, "List")
	is_array(input.items)
}

# Where each kind that makes pods keeps its pod template.
template_paths := {
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
	"DaemonSet": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"Job": ["spec", "template"],
	"PodTemplate": ["template"],
	"ReplicaSet": ["spec", "template"],
	"ReplicationController": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
}

# Each pod: {"pod": …, "path": …, "object": …}; the pod of a workload is its template.
pods contains {"pod": entry.object, "path": entry.path, "object": entry.object} if {
	some entry in objects
	entry.object.kind == "Pod"
}

pods contains {"pod": template, "path": array.concat(entry.path, path), "object": entry.object} if {
	some entry in objects
	some kind, path in template_paths
	entry.object.kind == kind
	template := object.get(entry.object, path, null)
	is_object(template)
}

# Each container of each pod: {"container": …, "path": …, "pod": …}, init and ephemeral ones too.
containers contains {"container": container, "path": path, "pod": entry.pod} if {
	some entry in pods
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in entry.pod.spec[field]
	is_object(container)
	path := array.concat(entry.path, ["spec", field, index])
}

# How messages name an object: `Deployment web`.
name_of(object_) := trim_space(sprintf("%s %s", [object_.kind, object.get(object_, ["metadata", "name"], "")]))

# How messages name a container.
container_name(container) := object.get(container, "name", "without a name")

# A parameter of a policy, `data.params.<area>.<rule>.<name>`, or its default.
parameter(area, rule, name, fallback) := object.get(params, [area, rule, name], fallback)

default params := {}

params := data.params
