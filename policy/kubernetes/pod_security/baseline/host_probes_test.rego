package kpolicy.kubernetes.pod_security.baseline.host_probes_test

import data.kpolicy.kubernetes.pod_security.baseline.host_probes

pod(container) := {
	"kind": "Pod",
	"metadata": {"name": "shop"},
	"spec": {"containers": [object.union({"name": "web"}, container)]},
}

test_denies_hosts_of_probes_and_hooks if {
	probe := {"httpGet": {"host": "10.0.0.1", "port": 80}}
	hook := {"tcpSocket": {"host": "127.0.0.1", "port": 80}}
	found := host_probes.deny with input as pod({"startupProbe": probe, "lifecycle": {"preStop": hook}})
	found == {
		{
			"msg": "container web of Pod shop sends its startupProbe to the host 10.0.0.1",
			"path": ["spec", "containers", 0, "startupProbe", "httpGet", "host"],
		},
		{
			"msg": "container web of Pod shop sends its preStop to the host 127.0.0.1",
			"path": ["spec", "containers", 0, "lifecycle", "preStop", "tcpSocket", "host"],
		},
	}
}

test_allows if {
	every given in [
		{},
		{"livenessProbe": {"httpGet": {"host": "", "port": 80}}},
		{"lifecycle": null},
		{"livenessProbe": "odd"},
	] {
		found := host_probes.deny with input as pod(given)
		found == set()
	}
}
