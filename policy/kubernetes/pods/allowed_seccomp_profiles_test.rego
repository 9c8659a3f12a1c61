package kpolicy.kubernetes.pods.allowed_seccomp_profiles_test

import data.kpolicy.kubernetes.pods.allowed_seccomp_profiles

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

given := ["RuntimeDefault", "Localhost/shop/*"]

test_denies if {
	found := allowed_seccomp_profiles.deny with input as pod(spec({}))
		with data.params.pods.allowed_seccomp_profiles.profiles as given
	found == {{
		"msg": "container web of Pod shop has the seccomp profile Unconfined, which is not allowed",
		"path": ["spec", "containers", 0, "securityContext", "seccompProfile"],
	}}
}

test_allows if {
	every spec_ in [
		{},
		spec({"seccompProfile": {"type": "RuntimeDefault"}}),
		spec({"seccompProfile": {"type": "Localhost", "localhostProfile": "shop/web.json"}}),
	] {
		found := allowed_seccomp_profiles.deny with input as pod(spec_)
			with data.params.pods.allowed_seccomp_profiles.profiles as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_seccomp_profiles.deny with input as pod(spec({}))
	found == set()
}
