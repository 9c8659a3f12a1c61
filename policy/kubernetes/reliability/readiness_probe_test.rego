package kpolicy.kubernetes.reliability.readiness_probe_test

import data.kpolicy.kubernetes.reliability.readiness_probe

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

test_denies_none if {
	every container in [{"name": "web"}, {"name": "web", "readinessProbe": null}] {
		found := readiness_probe.deny with input as deployment(container)
		found == {{
			"msg": "container web has no readiness probe",
			"path": ["spec", "template", "spec", "containers", 0, "readinessProbe"],
		}}
	}
}

test_allows_a_probe if {
	found := readiness_probe.deny with input as deployment({"name": "web", "readinessProbe": {"tcpSocket": {"port": 80}}})
	found == set()
}

test_allows_what_ends_by_itself if {
	job := {"kind": "Job", "spec": {"template": {"spec": {"containers": [{"name": "web"}]}}}}
	found := readiness_probe.deny with input as job
	found == set()
}
