package kpolicy.kubernetes.pod_security.baseline.host_path_volumes_test

import data.kpolicy.kubernetes.pod_security.baseline.host_path_volumes

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

test_denies_a_path_of_the_node if {
	found := host_path_volumes.deny with input as pod({"volumes": [{"name": "logs", "hostPath": {"path": "/var/log"}}]})
	found == {{
		"msg": "volume logs of Pod shop is a path of the node: /var/log",
		"path": ["spec", "volumes", 0, "hostPath"],
	}}
}

test_allows if {
	every given in [
		{},
		{"volumes": null},
		{"volumes": [{"name": "tmp", "emptyDir": {}, "hostPath": null}]},
	] {
		found := host_path_volumes.deny with input as pod(given)
		found == set()
	}
}
