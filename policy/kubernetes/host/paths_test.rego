package kpolicy.kubernetes.host.paths_test

import data.kpolicy.kubernetes.host.paths

pod(kind, path, mount) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": {
	"containers": [{"name": "c", "volumeMounts": [object.union({"name": "v"}, mount)]}],
	"volumes": [{"name": "v", "hostPath": {"path": path}}],
}}}}

path_of_finding := ["spec", "template", "spec", "volumes", 0, "hostPath", "path"]

test_denies_a_path_of_the_node if {
	found := paths.deny with input as pod("Deployment", "/data", {"readOnly": true})
	found == {{"msg": "volume v of Deployment web is a path of the node: /data", "path": path_of_finding}}
}

test_agents_may_read_and_not_write if {
	reading := pod("DaemonSet", "/var/log", {"readOnly": true})
	denied := paths.deny with input as reading
	denied == set()
	warned := paths.warn with input as reading
	warned == {{"msg": "volume v of DaemonSet web is a path of each node, for reading: /var/log", "path": path_of_finding}}
	written := paths.deny with input as pod("DaemonSet", "/var/log", {})
	count(written) == 1
}

test_leaves_other_paths_to_other_policies if {
	every path in ["/etc", "/var/run/docker.sock"] {
		found := paths.deny with input as pod("Deployment", path, {})
		found == set()
	}
}

test_warns_only_of_agents_that_read_what_is_ordinary if {
	every one in [
		pod("Deployment", "/var/log", {"readOnly": true}),
		pod("DaemonSet", "/var/log", {}),
		pod("DaemonSet", "/etc", {"readOnly": true}),
		pod("DaemonSet", "/var/run/docker.sock", {"readOnly": true}),
	] {
		warned := paths.warn with input as one
		warned == set()
	}
}
