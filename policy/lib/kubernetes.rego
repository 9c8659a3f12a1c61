# METADATA
# title: One view of Kubernetes objects
# description: |
#   The objects under review, their pods and their containers, each with its path into the input, for a bare
#   manifest, the items of a List, an AdmissionReview and a Gatekeeper review alike.
package kpolicy.lib.kubernetes

import data.kpolicy.lib.pod_templates as templates
import data.kpolicy.lib.shape

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
	not is_object(shape.at(review, ["object"]))
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
	endswith(shape.text_at(value, ["kind"]), "List")
	is_array(value.items)
}

# The API server leaves the kind out of the items of a PodList: the list's name tells it.
with_kind(item, list) := object.union({"kind": trim_suffix(list.kind, "List")}, item)

# Whether a path leads through nothing but lists and their items.
leads_through_lists(top, path) if {
	{step | some at, step in path; at % 2 == 0} == {"items"}
	every end in [at | some at, _ in path; at > 0; at % 2 == 0] {
		is_list(object.get(top, array.slice(path, 0, end), null))
	}
}

# Where each kind that creates pods keeps them: the library's table, and what the settings add to it.
pod_templates := object.union(templates.paths, parameter("kubernetes", "pod_templates", "paths", {}))

# Each pod: {"pod": …, "path": …, "object": …}; the pod of a workload is its template. Where a kind has the fields of a
# pod's spec elsewhere than in a template, `origin` says where they stand; `at` follows it.
pods contains object.union(found, {"object": entry.object}) if {
	some entry in objects
	some found in pods_of(entry.object, entry.path)
}

# The pods that an object at a path is or creates: {"pod": …, "path": …}.
pods_of(object_, path) := {{"pod": object_, "path": path}} if object_.kind == "Pod"

pods_of(object_, path) := from_templates(object_, path) | from_specs(object_, path) if object_.kind != "Pod"

from_templates(object_, path) := {{"pod": place.value, "path": array.concat(path, place.path)} |
	some place in templates.places(object_, pod_templates)
	is_template(object_, place.value)
}

is_template(_, value) if is_object(value.spec)

# In a kind that has nothing else there, a template is one without its spec too.
is_template(object_, value) if {
	object.get(value, "spec", null) == null
	not contains(templates.key_of(object_, pod_templates), ".")
	templates.containers_in(value) == []
}

from_specs(object_, path) := {{"pod": {"spec": spec}, "path": at_spec, "origin": origin} |
	some place in templates.places(object_, pod_templates)
	not is_object(object.get(place.value, "spec", null))
	found := templates.containers_in(place.value)
	found != []
	shared := templates.shared_with(object_, place.value)
	spec := object.union_n([shared.fields, place.value, {"containers": [entry.container | some entry in found]}])
	at_spec := array.concat(path, place.path)
	origin := {
		"containers": [array.concat(at_spec, entry.path) | some entry in found],
		"shared": {field: array.concat(array.concat(path, shared.path), [field]) | some field, _ in shared.fields},
	}
}

# The path into the input of what stands at a path in the pod of an entry of `pods`.
at(entry, steps) := array.concat(entry.path, steps) if not entry.origin

at(entry, steps) := array.concat(entry.origin.containers[steps[2]], array.slice(steps, 3, count(steps))) if {
	steps[1] == "containers"
}

at(entry, steps) := array.concat(entry.origin.shared[steps[1]], array.slice(steps, 2, count(steps)))

at(entry, steps) := array.concat(entry.path, array.slice(steps, 1, count(steps))) if {
	entry.origin
	not entry.origin.shared[steps[1]]
	steps[1] != "containers"
}

# Each container of each pod: {"container": …, "path": …, "pod": …, "object": …, "of": …}, init and ephemeral ones too;
# `of` is the entry of the pod for `at`.
containers contains entry if {
	some of_pod in pods
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in of_pod.pod.spec[field]
	is_object(container)
	entry := {
		"container": container,
		"path": at(of_pod, ["spec", field, index]),
		"pod": of_pod.pod,
		"object": of_pod.object,
		"of": object.filter(of_pod, ["path", "origin"]),
	}
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
	path := at(entry, ["spec", "volumes", index, "image", "reference"])
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
