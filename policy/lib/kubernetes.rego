# METADATA
# title: One view of Kubernetes objects
# description: |
#   The objects under review, their pods and their containers, each with its path into the input, for a bare
#   manifest, the items of a List, an AdmissionReview and a Gatekeeper review alike.
package kpolicy.lib.kubernetes

# Each object under review: {"object": …, "path": …}.
objects contains entry if {
	some entry in given
	not is_list(entry.object)
}

objects contains entry if {
	some entry in items
	not is_list(entry.object)
}

# A list can stand in a list, to any depth: kubectl applies what is in it all the same.
objects contains {"object": with_kind(item, holder), "path": array.concat(entry.path, path)} if {
	some entry in items
	is_list(entry.object)
	walk(entry.object, [path, item])
	leads_through_lists(entry.object, path)
	is_object(item)
	not is_list(item)
	holder := object.get(entry.object, array.slice(path, 0, count(path) - 2), entry.object)
}

# What is given for review: a manifest, or the object of a review; of a deletion the object that goes.
given contains {"object": input, "path": []} if {
	is_string(input.kind)
	input.kind != "AdmissionReview"
}

given contains {"object": review.object, "path": [field, "object"]} if {
	some field, review in reviews
	is_object(review.object)
}

given contains {"object": review.oldObject, "path": [field, "oldObject"]} if {
	some field, review in reviews
	not is_object(object.get(review, "object", null))
	is_object(review.oldObject)
}

# What an update makes of an object: {"old": …, "new": …, "path": …}, the path that of the new one.
updates contains {"old": review.oldObject, "new": review.object, "path": [field, "object"]} if {
	some field, review in reviews
	is_object(review.oldObject)
	is_object(review.object)
}

reviews := {field: review | some field in ["request", "review"]; review := input[field]}

# The items of the lists among them.
items contains {"object": with_kind(item, entry.object), "path": array.concat(entry.path, ["items", index])} if {
	some entry in given
	is_list(entry.object)
	some index, item in entry.object.items
	is_object(item)
}

is_list(value) if {
	is_string(value.kind)
	endswith(value.kind, "List")
	is_array(value.items)
}

# The API server leaves the kind out of the items of a PodList: the list's name tells it.
with_kind(item, list) := object.union({"kind": trim_suffix(list.kind, "List")}, item)

# Whether a path leads to an item of a list, of a list in that list, and so on.
leads_through_lists(top, path) if {
	count(path) % 2 == 0
	path[count(path) - 2] == "items"
	{step | some at, step in path; at % 2 == 0} == {"items"}
	every end in [at | some at, _ in path; at > 0; at % 2 == 0] {
		is_list(object.get(top, array.slice(path, 0, end), null))
	}
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

# Each container of each pod: {"container": …, "path": …, "pod": …, "object": …}, init and ephemeral ones too.
containers contains {"container": container, "path": path, "pod": entry.pod, "object": entry.object} if {
	some entry in pods
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in entry.pod.spec[field]
	is_object(container)
	path := array.concat(entry.path, ["spec", field, index])
}

# Each image of each pod: {"image": …, "path": …, "use": …, "object": …}, of containers and of volumes that mount one.
images contains {"image": image, "path": path, "use": use, "object": entry.object} if {
	some entry in containers
	image := entry.container.image
	is_string(image)
	image != ""
	path := array.concat(entry.path, ["image"])
	use := sprintf("container %s runs", [container_name(entry.container)])
}

images contains {"image": image, "path": path, "use": use, "object": entry.object} if {
	some entry in pods
	some index, volume in entry.pod.spec.volumes
	image := volume.image.reference
	is_string(image)
	image != ""
	path := array.concat(entry.path, ["spec", "volumes", index, "image", "reference"])
	use := sprintf("volume %v mounts", [object.get(volume, "name", "without a name")])
}

# How messages name an object: `Deployment web`, or by the start of the name that the cluster will complete.
name_of(object_) := trim_space(sprintf("%v %v", [object_.kind, name])) if {
	start := object.get(object_, ["metadata", "generateName"], "")
	name := object.get(object_, ["metadata", "name"], start)
}

# How messages name a container: a text, also where the name is written as a number.
container_name(container) := sprintf("%v", [object.get(container, "name", "without a name")])

# A parameter of a policy, `data.params.<area>.<rule>.<name>`, or its default.
parameter(area, rule, name, fallback) := object.get(params, [area, rule, name], fallback)

default params := {}

params := data.params
