package kpolicy.kubernetes.pod_security.restricted.run_as_user_test

import data.kpolicy.kubernetes.pod_security.restricted.run_as_user

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

test_denies_root_of_pod_and_container if {
	spec := {"securityContext": {"runAsUser": 0}, "containers": [{"name": "web", "securityContext": {"runAsUser": 0}}]}
	found := run_as_user.deny with input as pod(spec)
	found == {
		{"msg": "Pod shop runs as user 0, which is root", "path": ["spec", "securityContext", "runAsUser"]},
		{
			"msg": "container web of Pod shop runs as user 0, which is root",
			"path": ["spec", "containers", 0, "securityContext", "runAsUser"],
		},
	}
}

test_allows if {
	every given in [
		{},
		{"securityContext": {"runAsUser": 1000}},
		{"hostUsers": false, "securityContext": {"runAsUser": 0}},
	] {
		found := run_as_user.deny with input as pod(given)
		found == set()
	}
}
