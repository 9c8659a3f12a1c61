# METADATA
# title: The whole set
# description: |
#   The objects of all files, by kind and namespace, for policies that judge one object by others. Where the set is not
#   known, as in an admission controller that is not given it, `known` is undefined and everything is empty.
package kpolicy.lib.inventory

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

default by_kind := {}

by_kind := data.inventory.objects if is_object(data.inventory.objects)

# Whether the set is known.
known if is_object(data.inventory.objects)

# The entries of a kind in one namespace: {"object": …, "file": …, "line": …}.
in_namespace(kind, namespace) := {entry |
	some entries in shape.table_at(by_kind, [kind, namespace])
	some entry in entries
}

# The entries of a kind in all namespaces.
everywhere(kind) := {entry |
	some names in shape.table_at(by_kind, [kind])
	some entries in names
	some entry in entries
}

# The namespace of an object that is in one.
namespace_of(object_) := shape.text_at(object_, ["metadata", "namespace"]) if {
	shape.text_at(object_, ["metadata", "namespace"]) != ""
}

namespace_of(object_) := "default" if shape.text_at(object_, ["metadata", "namespace"]) == ""

# The name of an object.
name_of(object_) := shape.text_at(object_, ["metadata", "name"])

# Whether an object is of an API group, in any version.
in_group(object_, group) if startswith(shape.text_at(object_, ["apiVersion"]), sprintf("%s/", [group]))

# Whether an object is of the core API group; one without apiVersion counts.
is_of_core(object_) if not contains(shape.text_at(object_, ["apiVersion"]), "/")

# Each pod of the set by its namespace: {"pod": …, "labels": …, "object": …}; the pod of a workload is its template.
pods[namespace] contains pod if {
	some kind in pod_kinds
	some namespace, names in shape.table_at(by_kind, [kind])
	some entries in names
	some entry in entries
	some pod in pods_of(entry.object)
}

# The pods that an object is or creates.
pods_of(object_) := {{"pod": found.pod, "labels": labels_of(found.pod), "object": object_} |
	some found in kubernetes.pods_of(object_, [])
}

pod_kinds := {split(key, ".")[0] | some key, _ in kubernetes.pod_templates} | {"Pod"}

labels_of(object_) := shape.table_at(object_, ["metadata", "labels"])

# The names of all namespaces that have a Namespace object or a pod.
namespaces := object.keys(shape.table_at(by_kind, ["Namespace", ""])) | object.keys(pods)

# The labels of a namespace, with the one that Kubernetes gives it.
namespace_labels(namespace) := object.union_n(array.concat(declared, [{selectors.name_label: namespace}])) if {
	declared := [labels_of(entry.object) | some entry in declarations(namespace)]
}

# The entries of a namespace's own object.
declarations(namespace) := [entry |
	some entries in [object.get(by_kind, ["Namespace", "", namespace], [])]
	some entry in entries
]

# The namespace that an object stands for: findings about a whole namespace are reported at its Namespace object, and
# where the set has none, at the first of its workloads by name.
stands_for(object_) := name_of(object_) if {
	object_.kind == "Namespace"
	has_pods(name_of(object_))
}

stands_for(object_) := namespace if {
	pods_of(object_) != set()
	namespace := namespace_of(object_)
	declarations(namespace) == []
	[name_of(object_), object_.kind] == first_workload[namespace]
}

# The first workload of each namespace, by name and kind.
first_workload[namespace] := min([[name_of(entry.object), entry.object.kind] | some entry in entries]) if {
	some namespace, entries in pods
}

has_pods(namespace) if pods[namespace]
