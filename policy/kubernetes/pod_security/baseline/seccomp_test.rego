package kpolicy.kubernetes.pod_security.baseline.seccomp_test

import data.kpolicy.kubernetes.pod_security.baseline.seccomp

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

test_denies_other_types if {
	every type in ["Unconfined", ""] {
		found := seccomp.deny with input as pod({"securityContext": {"seccompProfile": {"type": type}}})
		found == {{
			"msg": sprintf("Pod shop sets the seccomp profile %s", [type]),
			"path": ["spec", "securityContext", "seccompProfile", "type"],
		}}
	}
}

test_allows if {
	every given in [
		{},
		{"securityContext": {"seccompProfile": null}},
		{"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
	] {
		found := seccomp.deny with input as pod(given)
		found == set()
	}
}
