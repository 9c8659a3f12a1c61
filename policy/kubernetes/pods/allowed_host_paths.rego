# METADATA
# title: A pod mounts a path of its node that is not allowed
# description: |
#   Some pods need files of their node, such as its logs. The parameter says which, and which of them for reading
#   alone: then each mount of the volume must say readOnly.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   severity: high
#   remediation: Mount a path that is allowed, with readOnly where that is asked for, or a volume of another type.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     paths:
#       type: array of objects
#       required: true
#       description: What is allowed, each with a prefix, and read_only where it is for reading alone.
package kpolicy.kubernetes.pods.allowed_host_paths

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

paths := kubernetes.parameter("pods", "allowed_host_paths", "paths", null)

deny contains {"msg": msg, "path": array.concat(entry.path, ["hostPath", "path"])} if {
	is_array(paths)
	some entry in pods.volumes
	"hostPath" in pods.sources(entry.volume)
	path := shape.text_at(entry.volume, ["hostPath", "path"])
	not is_allowed(entry, path)
	msg := sprintf("%s is the path %s of the node, which is not allowed", [entry.who, path])
}

is_allowed(entry, path) if {
	some allowed in paths
	is_within(path, allowed.prefix)
	allows_use(allowed, entry)
}

allows_use(allowed, _) if object.get(allowed, "read_only", false) != true

allows_use(_, entry) if not is_written(entry)

# At a boundary of names, and never upwards.
is_within(path, prefix) if {
	not ".." in split(path, "/")
	startswith(sprintf("%s/", [trim_right(path, "/")]), sprintf("%s/", [trim_right(prefix, "/")]))
}

is_written(entry) if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some container in shape.list_at(entry.pod, ["spec", field])
	some mount in container.volumeMounts
	mount.name == entry.volume.name
	object.get(mount, "readOnly", false) != true
}
