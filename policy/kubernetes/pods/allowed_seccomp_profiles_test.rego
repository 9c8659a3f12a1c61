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

test_denies_other_profiles_by_their_names if {
	every name, profile in {
		"RuntimeDefault": {"type": "RuntimeDefault"},
		"Localhost/web.json": {"type": "Localhost", "localhostProfile": "web.json"},
	} {
		found := allowed_seccomp_profiles.deny with input as pod(spec({"seccompProfile": profile}))
			with data.params.pods.allowed_seccomp_profiles.profiles as ["Localhost/shop/*"]
		found == {{
			"msg": sprintf("container web of Pod shop has the seccomp profile %s, which is not allowed", [name]),
			"path": ["spec", "containers", 0, "securityContext", "seccompProfile"],
		}}
	}
}
