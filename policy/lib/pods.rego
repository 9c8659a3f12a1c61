# METADATA
# title: Pods and their security
# description: |
#   Pods, containers, volumes and security contexts, each with how messages name it, and what counts for a container
#   where both it and its pod may say so.
package kpolicy.lib.pods

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

# Each pod: {"pod": …, "path": …, "object": …, "who": …}.
pods contains object.union(entry, {"who": who}) if {
	some entry in kubernetes.pods
	who := holder_of(entry.object)
}

# How messages name the pod that an object is or makes.
holder_of(object_) := kubernetes.name_of(object_) if object_.kind == "Pod"

holder_of(object_) := sprintf("the pod of %s", [kubernetes.name_of(object_)]) if object_.kind != "Pod"

# Each container: {"container": …, "path": …, "pod": …, "object": …, "who": …}, init and ephemeral ones too.
containers contains object.union(entry, {"who": who}) if {
	some entry in kubernetes.containers
	who := sprintf("container %v of %s", [kubernetes.container_name(entry.container), kubernetes.name_of(entry.object)])
}

# Each security context, of pods and of containers: {"context": …, "path": …, "pod": …, "who": …}.
contexts contains {"context": context, "path": path, "pod": entry.pod, "who": entry.who} if {
	some entry in pods
	context := object.get(entry.pod, ["spec", "securityContext"], null)
	is_object(context)
	path := kubernetes.at(entry, ["spec", "securityContext"])
}

contexts contains {"context": context, "path": path, "pod": entry.pod, "who": entry.who} if {
	some entry in containers
	context := object.get(entry.container, "securityContext", null)
	is_object(context)
	path := array.concat(entry.path, ["securityContext"])
}

# Each volume: {"volume": …, "path": …, "pod": …, "object": …, "who": …}.
volumes contains {"volume": volume, "path": path, "pod": entry.pod, "object": entry.object, "who": who} if {
	some entry in pods
	some index, volume in shape.list_at(entry.pod, ["spec", "volumes"])
	is_object(volume)
	path := kubernetes.at(entry, ["spec", "volumes", index])
	who := sprintf("volume %v of %s", [object.get(volume, "name", "without a name"), kubernetes.name_of(entry.object)])
}

# The source of a volume: the field that says what it is, such as hostPath. Kubernetes makes one without any an emptyDir.
sources(volume) := named_sources(volume) if named_sources(volume) != set()

sources(volume) := {"emptyDir"} if named_sources(volume) == set()

named_sources(volume) := {field | some field, value in volume; field != "name"; value != null}

# What counts for a container in a field of the security context: its own value, else its pod's; null where neither says.
setting(entry, field) := own(entry, field) if own(entry, field) != null

setting(entry, field) := of_pod(entry, field) if own(entry, field) == null

own(entry, field) := object.get(entry.container, ["securityContext", field], null)

of_pod(entry, field) := object.get(entry.pod, ["spec", "securityContext", field], null)

# Where that stands, or should stand.
setting_path(entry, field) := array.concat(entry.path, ["securityContext", field]) if not only_of_pod(entry, field)

setting_path(entry, field) := kubernetes.at(entry.of, ["spec", "securityContext", field]) if only_of_pod(entry, field)

only_of_pod(entry, field) if {
	own(entry, field) == null
	of_pod(entry, field) != null
}

# Whether a pod says that it is for Windows, where most of the security context does not exist.
is_windows(pod) if object.get(pod, ["spec", "os", "name"], null) == "windows"

# Whether a pod has users of its own: its root is nobody on the node.
in_user_namespace(pod) if object.get(pod, ["spec", "hostUsers"], null) == false

# Whether a field is set to something other than no, be it of the wrong type.
is_on(value) if not value in {null, false}

# The capabilities that the Pod Security Standards let a container add.
usual_capabilities := {
	"AUDIT_WRITE",
	"CHOWN",
	"DAC_OVERRIDE",
	"FOWNER",
	"FSETID",
	"KILL",
	"MKNOD",
	"NET_BIND_SERVICE",
	"SETFCAP",
	"SETGID",
	"SETPCAP",
	"SETUID",
	"SYS_CHROOT",
}
