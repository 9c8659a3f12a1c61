# METADATA
# title: What pods take of their node
# description: |
#   Which objects run agents of the node, and which paths of the node hold the socket of a container runtime or what the
#   node is run by.
package kpolicy.lib.host

import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

# Whether an object runs an agent: one pod on each node, which is there for the node.
is_agent(object_) if object_.kind == "DaemonSet"

# Each volume that is a path of the node: an entry of `pods.volumes` with `node_path`, as the node resolves it.
volumes contains object.union(entry, {"node_path": resolved(path)}) if {
	some entry in pods.volumes
	"hostPath" in pods.sources(entry.volume)
	path := sprintf("%v", [shape.at(entry.volume, ["hostPath", "path"])])
}

# A path without what does not change it; /var/run is a link to /run.
resolved(path) := sprintf("/%s", [concat("/", array.slice(names, links(names), count(names)))]) if {
	names := [name | some name in split(path, "/"); not name in {"", "."}]
}

links(names) := 1 if array.slice(names, 0, 2) == ["var", "run"]

links(names) := 0 if array.slice(names, 0, 2) != ["var", "run"]

# Whether a path is one of these or below one.
is_below(path, places) if {
	some place in places
	startswith(sprintf("%s/", [path]), sprintf("%s/", [place]))
}

# Whether a path is the socket of a container runtime, or a folder that holds one.
has_runtime_socket(path) if path in socket_folders

has_runtime_socket(path) if {
	names := split(path, "/")
	names[count(names) - 1] in socket_names
}

has_runtime_socket(path) if {
	some pipe in ["docker_engine", "containerd-containerd"]
	endswith(lower(path), sprintf("pipe\\%s", [pipe]))
}

socket_names := {
	"buildkitd.sock",
	"containerd.sock",
	"cri-dockerd.sock",
	"crio.sock",
	"docker.sock",
	"dockershim.sock",
	"frakti.sock",
	"podman.sock",
}

socket_folders := {
	"/run",
	"/run/containerd",
	"/run/crio",
	"/run/docker",
	"/run/k3s",
	"/run/k3s/containerd",
	"/run/podman",
	"/var/snap/microk8s/common/run",
}

# Whether a path holds what the node is run by, or the files of its users.
is_sensitive(path) if path in {"/", "/dev", "/lib", "/usr", "/usr/bin", "/usr/local/bin", "/var", "/var/lib"}

is_sensitive(path) if {
	is_below(path, sensitive_folders)
	not is_below(path, public_files)
}

sensitive_folders := {
	"/bin",
	"/boot",
	"/etc",
	"/home",
	"/proc",
	"/root",
	"/sbin",
	"/sys",
	"/var/lib/containerd",
	"/var/lib/containers",
	"/var/lib/docker",
	"/var/lib/etcd",
	"/var/lib/kubelet",
	"/var/lib/rancher",
}

# What stands below /etc for every program to read.
public_files := {
	"/etc/localtime",
	"/etc/machine-id",
	"/etc/os-release",
	"/etc/pki/ca-trust",
	"/etc/pki/tls/certs",
	"/etc/ssl/certs",
	"/etc/timezone",
}

# Whether a container may write to a volume.
is_written(entry) if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some container in shape.list_at(entry.pod, ["spec", field])
	some mount in shape.list_at(container, ["volumeMounts"])
	mount.name == entry.volume.name
	object.get(mount, "readOnly", false) != true
}

# Whether the use of a volume is one that agents have: reading alone.
is_read_by_agent(entry) if {
	is_agent(entry.object)
	not is_written(entry)
}

# Where messages and findings stand.
path_of(entry) := array.concat(entry.path, ["hostPath", "path"])
