package kpolicy.kubernetes.reliability.probe_port_test

import data.kpolicy.kubernetes.reliability.probe_port

pod(port, ports) := {"kind": "Pod", "spec": {"containers": [{
	"name": "web",
	"ports": ports,
	"livenessProbe": {"httpGet": {"port": port}},
}]}}

test_denies_an_unknown_name if {
	every ports in [[], null, [{"containerPort": 80}], [{"name": "metrics"}]] {
		found := probe_port.deny with input as pod("http", ports)
		found == {{
			"msg": "container web has no port that is named http, where its livenessProbe asks",
			"path": ["spec", "containers", 0, "livenessProbe", "httpGet", "port"],
		}}
	}
}

test_allows_names_and_numbers if {
	every port in ["http", 8080, "8080"] {
		found := probe_port.deny with input as pod(port, [{"name": "http", "containerPort": 80}])
		found == set()
	}
}
