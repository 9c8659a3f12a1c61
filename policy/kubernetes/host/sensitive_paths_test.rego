package kpolicy.kubernetes.host.sensitive_paths_test

import data.kpolicy.kubernetes.host.sensitive_paths

pod(kind, path, mount) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": {
	"containers": [{"name": "c", "volumeMounts": [object.union({"name": "v"}, mount)]}],
	"volumes": [{"name": "v", "hostPath": {"path": path}}],
}}}}

path_of_finding := ["spec", "template", "spec", "volumes", 0, "hostPath", "path"]

test_denies_what_the_node_is_run_by if {
	every path in ["/", "/etc", "/proc", "/var/lib/kubelet/pods", "/home/me"] {
		found := sensitive_paths.deny with input as pod("Deployment", path, {"readOnly": true})
		found == {{"msg": sprintf("volume v of Deployment web is %s of the node", [path]), "path": path_of_finding}}
	}
}

test_agents_may_read_and_not_write if {
	reading := pod("DaemonSet", "/proc", {"readOnly": true})
	denied := sensitive_paths.deny with input as reading
	denied == set()
	warned := sensitive_paths.warn with input as reading
	warned == {{"msg": "volume v of DaemonSet web is /proc of each node, for reading", "path": path_of_finding}}
	written := sensitive_paths.deny with input as pod("DaemonSet", "/proc", {})
	count(written) == 1
}

test_leaves_other_paths_to_other_policies if {
	every path in ["/var/log", "/var/run/docker.sock", "/etc/ssl/certs"] {
		found := sensitive_paths.deny with input as pod("Deployment", path, {})
		found == set()
	}
}

test_warns_only_of_agents_that_read_what_is_sensitive if {
	every one in [
		pod("Deployment", "/proc", {"readOnly": true}),
		pod("DaemonSet", "/proc", {}),
		pod("DaemonSet", "/var/log", {"readOnly": true}),
		pod("DaemonSet", "/var/run/docker.sock", {"readOnly": true}),
	] {
		warned := sensitive_paths.warn with input as one
		warned == set()
	}
}

test_leaves_sockets_in_sensitive_folders_to_another_policy if {
	found := sensitive_paths.deny with input as pod("Deployment", "/home/me/.docker/run/docker.sock", {})
	found == set()
}
