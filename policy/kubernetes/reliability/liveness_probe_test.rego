package kpolicy.kubernetes.reliability.liveness_probe_test

import data.kpolicy.kubernetes.reliability.liveness_probe

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

test_denies_none if {
	every container in [{"name": "web"}, {"name": "web", "livenessProbe": null}] {
		found := liveness_probe.deny with input as deployment(container)
		found == {{
			"msg": "container web has no liveness probe",
			"path": ["spec", "template", "spec", "containers", 0, "livenessProbe"],
		}}
	}
}

test_allows_a_probe if {
	found := liveness_probe.deny with input as deployment({"name": "web", "livenessProbe": {"tcpSocket": {"port": 80}}})
	found == set()
}

test_allows_what_ends_by_itself if {
	job := {"kind": "Job", "spec": {"template": {"spec": {"containers": [{"name": "web"}]}}}}
	found := liveness_probe.deny with input as job
	found == set()
}
