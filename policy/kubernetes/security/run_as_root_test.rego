package kpolicy.kubernetes.security.run_as_root_test

import data.kpolicy.kubernetes.security.run_as_root

pod(pod_context, context) := {"kind": "Pod", "spec": {
	"securityContext": pod_context,
	"containers": [{"name": "web", "securityContext": context}],
}}

root := "container web runs as user 0, which is root"

own_path(name) := ["spec", "containers", 0, "securityContext", name]

test_denies_user_0_of_the_container if {
	found := run_as_root.deny with input as pod({"runAsUser": 1000}, {"runAsUser": 0})
	found == {{"msg": root, "path": own_path("runAsUser")}}
}

test_denies_user_0_of_the_pod if {
	found := run_as_root.deny with input as pod({"runAsUser": 0}, {"runAsNonRoot": true})
	found == {{"msg": root, "path": ["spec", "securityContext", "runAsUser"]}}
}

test_allows_non_root if {
	every contexts in [[{}, {}], [{"runAsNonRoot": true}, {}], [{}, {"runAsNonRoot": true}], [{"runAsUser": 0}, {"runAsUser": 1000}]] {
		found := run_as_root.deny with input as pod(contexts[0], contexts[1])
		found == set()
	}
}

test_allows_root_among_users_of_its_own if {
	spec := {"hostUsers": false, "containers": [{"name": "web", "securityContext": {"runAsUser": 0}}]}
	found := run_as_root.deny with input as {"kind": "Pod", "spec": spec}
	found == set()
}
