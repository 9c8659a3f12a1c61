package kpolicy.kubernetes.pod_security.baseline.host_ports_test

import data.kpolicy.kubernetes.pod_security.baseline.host_ports

pod(container) := {
	"kind": "Pod",
	"metadata": {"name": "shop"},
	"spec": {"containers": [object.union({"name": "web"}, container)]},
}

test_denies_a_port_of_the_node if {
	found := host_ports.deny with input as pod({"ports": [{"containerPort": 80}, {"containerPort": 80, "hostPort": 8080}]})
	found == {{
		"msg": "container web of Pod shop takes port 8080 of the node",
		"path": ["spec", "containers", 0, "ports", 1, "hostPort"],
	}}
}

test_allows if {
	every given in [{}, {"ports": null}, {"ports": [null, {"hostPort": 0}, {"hostPort": null}]}] {
		found := host_ports.deny with input as pod(given)
		found == set()
	}
}
