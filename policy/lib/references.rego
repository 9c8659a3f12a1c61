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

# The old field counts where the new one says nothing.
of_spec(pod) := [{"kind": "ServiceAccount", "name": name, "path": ["spec", field]} |
	fields := [field | some field in ["serviceAccountName", "serviceAccount"]; shape.text_at(pod, ["spec", field]) != ""]
	field := fields[0]
	name := shape.text_at(pod, ["spec", field])
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
	optional := array.concat(array.slice(path, 0, count(path) - 1), ["optional"])
	shape.at(holder, optional) != true
}

# The keys of ConfigMaps and Secrets that a pod cannot do without: {"kind": …, "name": …, "key": …, "path": …}.
keys_of(pod) := array.concat(keys_of_env(pod), keys_of_volumes(pod))

keys_of_env(pod) := [key |
	some containers in ["containers", "initContainers"]
	some index, container in shape.list_at(pod, ["spec", containers])
	some place, variable in shape.list_at(container, ["env"])
	some kind, field in {"ConfigMap": "configMapKeyRef", "Secret": "secretKeyRef"}
	holder := shape.table_at(variable, ["valueFrom", field])
	path := ["spec", containers, index, "env", place, "valueFrom", field, "key"]
	key := key_in(holder, kind, shape.text_at(holder, ["name"]), holder, path)
]

keys_of_volumes(pod) := [key |
	some index, volume in shape.list_at(pod, ["spec", "volumes"])
	some kind, fields in {"ConfigMap": ["configMap", "name"], "Secret": ["secret", "secretName"]}
	holder := shape.table_at(volume, [fields[0]])
	some place, item in shape.list_at(holder, ["items"])
	path := ["spec", "volumes", index, fields[0], "items", place, "key"]
	key := key_in(holder, kind, shape.text_at(holder, [fields[1]]), item, path)
]

key_in(holder, kind, name, item, path) := {"kind": kind, "name": name, "key": item.key, "path": path} if {
	object.get(holder, "optional", false) != true
	is_string(item.key)
	name != ""
}
