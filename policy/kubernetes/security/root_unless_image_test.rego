package kpolicy.kubernetes.security.root_unless_image_test

import data.kpolicy.kubernetes.security.root_unless_image

pod(pod_context, context) := {"kind": "Pod", "spec": {
	"securityContext": pod_context,
	"containers": [{"name": "web", "securityContext": context}],
}}

unset := {{
	"msg": "container web may run as root: runAsNonRoot is not true",
	"path": ["spec", "containers", 0, "securityContext", "runAsNonRoot"],
}}

test_denies_where_nothing_is_said if {
	found := root_unless_image.deny with input as pod({}, {})
	found == unset
}

test_the_container_overrides_the_pod if {
	found := root_unless_image.deny with input as pod({"runAsNonRoot": true}, {"runAsNonRoot": false})
	found == unset
}

test_allows_what_says_its_user if {
	every contexts in [[{"runAsNonRoot": true}, {}], [{}, {"runAsNonRoot": true}], [{"runAsUser": 0}, {}]] {
		found := root_unless_image.deny with input as pod(contexts[0], contexts[1])
		found == set()
	}
}

test_allows_users_of_its_own_and_windows if {
	every fields in [{"hostUsers": false}, {"os": {"name": "windows"}}] {
		found := root_unless_image.deny with input as {"kind": "Pod", "spec": object.union(fields, {"containers": [{"name": "web"}]})}
		found == set()
	}
}
