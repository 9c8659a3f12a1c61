package kpolicy.kubernetes.pod_security.restricted.seccomp_test

import data.kpolicy.kubernetes.pod_security.restricted.seccomp

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(of_pod, own) := {
	"securityContext": {"seccompProfile": of_pod},
	"containers": [{"name": "web", "securityContext": {"seccompProfile": own}}],
}

default_ := {"type": "RuntimeDefault"}

test_denies_where_nothing_is_said if {
	found := seccomp.deny with input as pod(spec(null, null))
	found == {{
		"msg": "container web of Pod shop has no seccomp profile, nor has its pod",
		"path": ["spec", "containers", 0, "securityContext", "seccompProfile"],
	}}
}

test_denies_unconfined if {
	found := seccomp.deny with input as pod(spec({"type": "Unconfined"}, default_))
	found == {{
		"msg": "Pod shop sets the seccomp profile Unconfined",
		"path": ["spec", "securityContext", "seccompProfile", "type"],
	}}
}

test_allows if {
	every given in [
		{},
		spec(default_, null),
		spec(null, {"type": "Localhost"}),
		object.union(spec(null, null), {"os": {"name": "windows"}}),
	] {
		found := seccomp.deny with input as pod(given)
		found == set()
	}
}

test_profiles_of_a_pod_for_windows_do_not_count if {
	found := seccomp.deny with input as pod(object.union(spec({"type": "Unconfined"}, null), {"os": {"name": "windows"}}))
	found == set()
}
