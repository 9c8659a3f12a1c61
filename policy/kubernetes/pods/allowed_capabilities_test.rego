package kpolicy.kubernetes.pods.allowed_capabilities_test

import data.kpolicy.kubernetes.pods.allowed_capabilities

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

faulty := spec({"capabilities": {"add": ["NET_ADMIN", "SYS_TIME"]}})

given := ["NET_ADMIN"]

test_denies if {
	found := allowed_capabilities.deny with input as pod(faulty)
		with data.params.pods.allowed_capabilities.capabilities as given
	found == {{
		"msg": "container web of Pod shop adds the capability SYS_TIME, which is not allowed",
		"path": ["spec", "containers", 0, "securityContext", "capabilities", "add", 1],
	}}
}

test_allows if {
	every spec_ in [{}, spec(null), spec({"capabilities": {"add": ["NET_ADMIN"]}})] {
		found := allowed_capabilities.deny with input as pod(spec_)
			with data.params.pods.allowed_capabilities.capabilities as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_capabilities.deny with input as pod(faulty)
	found == set()
}

test_a_star_allows_all if {
	found := allowed_capabilities.deny with input as pod(faulty)
		with data.params.pods.allowed_capabilities.capabilities as ["*"]
	found == set()
}
