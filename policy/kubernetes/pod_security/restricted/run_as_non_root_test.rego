package kpolicy.kubernetes.pod_security.restricted.run_as_non_root_test

import data.kpolicy.kubernetes.pod_security.restricted.run_as_non_root

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(of_pod, own) := {"securityContext": of_pod, "containers": [{"name": "web", "securityContext": own}]}

own_path := ["spec", "containers", 0, "securityContext", "runAsNonRoot"]

test_denies_where_nothing_is_said if {
	found := run_as_non_root.deny with input as pod(spec({}, null))
	msg := "container web of Pod shop may run as root: neither it nor its pod sets runAsNonRoot"
	found == {{"msg": msg, "path": own_path}}
}

test_denies_false_of_a_container if {
	found := run_as_non_root.deny with input as pod(spec({"runAsNonRoot": true}, {"runAsNonRoot": false}))
	found == {{"msg": "container web of Pod shop sets runAsNonRoot to false", "path": own_path}}
}

# As the standard has it, also where each container overrides it.
test_denies_false_of_a_pod if {
	found := run_as_non_root.deny with input as pod(spec({"runAsNonRoot": false}, {"runAsNonRoot": true}))
	found == {{"msg": "Pod shop sets runAsNonRoot to false", "path": ["spec", "securityContext", "runAsNonRoot"]}}
}

test_allows if {
	every given in [
		{},
		spec({"runAsNonRoot": true}, {}),
		spec(null, {"runAsNonRoot": true}),
		object.union(spec({}, {}), {"hostUsers": false}),
	] {
		found := run_as_non_root.deny with input as pod(given)
		found == set()
	}
}

test_allows_root_among_users_of_its_own if {
	found := run_as_non_root.deny with input as pod(object.union(spec({"runAsNonRoot": false}, {}), {"hostUsers": false}))
	found == set()
}
