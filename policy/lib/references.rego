# METADATA
# title: What pods refer to
# description: The ConfigMaps, Secrets, claims and service accounts that a pod names, each with its path in the pod.
package kpolicy.lib.references

import data.kpolicy.lib.shape

# What each namespace has without anybody's manifest.
made_by_kubernetes := {"default", "kube-root-ca.crt"}

# The references of a pod that are not optional: {"kind": …, "name": …, "path": …}.
of_pod(pod) := {reference |
	some reference in array.concat(of_spec(pod), array.concat(of_volumes(pod), of_containers(pod)))
	reference.name != ""
}

of_spec(pod) := [{"kind": "ServiceAccount", "name": name, "path": ["spec", "serviceAccountName"]} |
	name := shape.text_at(pod, ["spec", "serviceAccountName"])
]

of_volumes(pod) := [{"kind": found.kind, "name": found.name, "path": array.concat(["spec", "volumes", index], found.path)} |
	some index, volume in shape.list_at(pod, ["spec", "volumes"])
	some found in array.concat(of_volume(volume), of_projections(volume))
]

of_volume(volume) := [found |
	some kind, path in {
		"ConfigMap": ["configMap", "name"],
		"Secret": ["secret", "secretName"],
		"PersistentVolumeClaim": ["persistentVolumeClaim", "claimName"],
	}
	found := at(volume, kind, path)
]

of_projections(volume) := [{"kind": found.kind, "name": found.name, "path": array.concat(["projected", "sources", index], found.path)} |
	some index, source in shape.list_at(volume, ["projected", "sources"])
	some kind, field in {"ConfigMap": "configMap", "Secret": "secret"}
	found := at(source, kind, [field, "name"])
]

of_containers(pod) := [{"kind": found.kind, "name": found.name, "path": path} |
	some containers in ["containers", "initContainers"]
	some index, container in shape.list_at(pod, ["spec", containers])
	some list, fields in {
		"env": {"ConfigMap": ["valueFrom", "configMapKeyRef", "name"], "Secret": ["valueFrom", "secretKeyRef", "name"]},
		"envFrom": {"ConfigMap": ["configMapRef", "name"], "Secret": ["secretRef", "name"]},
	}
	some place, item in shape.list_at(container, [list])
	some kind, field in fields
	found := at(item, kind, field)
	path := array.concat(["spec", containers, index, list, place], field)
]

# The reference whose name stands at a path, unless what holds the name says that it is optional.
at(holder, kind, path) := {"kind": kind, "name": shape.text_at(holder, path), "path": path} if {
	is_object(holder)
	optional := array.concat(array.slice(path, 0, count(path) - 1), ["optional"])
	object.get(holder, optional, false) != true
}
