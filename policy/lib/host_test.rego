package kpolicy.lib.host_test

import data.kpolicy.lib.host

test_paths_are_as_the_node_resolves_them if {
	host.resolved("/var/run/docker.sock") == "/run/docker.sock"
	host.resolved("//etc/./kubernetes/") == "/etc/kubernetes"
	host.resolved("/") == "/"
	host.resolved("/var/running") == "/var/running"
}

test_sockets_of_runtimes if {
	every path in ["/run/docker.sock", "/run", "/run/k3s/containerd/containerd.sock", "/run/crio/crio.sock", `/\\.\pipe\docker_engine`] {
		host.has_runtime_socket(path)
	}
	every path in ["/run/secrets", "/var/log", "/", "/run/containerd/io.containerd.runtime.v2.task"] {
		not host.has_runtime_socket(path)
	}
}

test_sensitive_paths if {
	every path in ["/", "/etc", "/etc/kubernetes/pki", "/proc", "/sys/fs/cgroup", "/root", "/home/me", "/var/lib/kubelet/pods"] {
		host.is_sensitive(path)
	}
	every path in ["/etc/ssl/certs", "/etcetera", "/var/log", "/data", "/lib/modules", "/usr/share/zoneinfo"] {
		not host.is_sensitive(path)
	}
}

pod(mount) := {"spec": {"containers": [{"volumeMounts": [mount]}]}}

entry(kind, mount) := {"object": {"kind": kind}, "volume": {"name": "v"}, "pod": pod(mount)}

test_writing_is_told_from_reading if {
	host.is_written(entry("Pod", {"name": "v"}))
	host.is_read_by_agent(entry("DaemonSet", {"name": "v", "readOnly": true}))
	not host.is_read_by_agent(entry("DaemonSet", {"name": "v"}))
	not host.is_read_by_agent(entry("Deployment", {"name": "v", "readOnly": true}))
}

test_volumes_that_are_paths_of_the_node if {
	volumes := [{"name": "tmp", "emptyDir": {}}, {"name": "run", "hostPath": {"path": "/var/run/"}}]
	found := {[entry.path, entry.node_path] | some entry in host.volumes} with input as {"kind": "Pod", "spec": {"volumes": volumes}}
	found == {[["spec", "volumes", 1], "/run"]}
}

test_a_mount_of_another_volume_does_not_write if {
	not host.is_written(entry("Pod", {"name": "other"}))
}
