package kpolicy.kubernetes.host.runtime_socket_test

import data.kpolicy.kubernetes.host.runtime_socket

pod(kind, path, mount) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": {
	"containers": [{"name": "c", "volumeMounts": [object.union({"name": "v"}, mount)]}],
	"volumes": [{"name": "v", "hostPath": {"path": path}}],
}}}}

path_of_finding := ["spec", "template", "spec", "volumes", 0, "hostPath", "path"]

test_denies_sockets_and_what_holds_them_everywhere if {
	every kind in ["Deployment", "DaemonSet"] {
		every path in ["/var/run/docker.sock", "/run/containerd/", "/var/run", "/run/crio/crio.sock"] {
			found := runtime_socket.deny with input as pod(kind, path, {"readOnly": true})
			found == {{
				"msg": sprintf("volume v of %s web has the socket of the container runtime, and so the node: %s", [kind, path]),
				"path": path_of_finding,
			}}
		}
	}
}

test_allows_other_paths if {
	every path in ["/var/log", "/run/secrets", "/data/docker.sock.d"] {
		found := runtime_socket.deny with input as pod("Deployment", path, {})
		found == set()
	}
}
