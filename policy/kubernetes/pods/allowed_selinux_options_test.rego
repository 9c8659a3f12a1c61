package kpolicy.kubernetes.pods.allowed_selinux_options_test

import data.kpolicy.kubernetes.pods.allowed_selinux_options

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

given := [{"type": "shop_t", "level": "s0:c1"}]

test_denies if {
	found := allowed_selinux_options.deny with input as pod(spec({"seLinuxOptions": {"type": "spc_t"}}))
		with data.params.pods.allowed_selinux_options.options as given
	found == {{
		"msg": "container web of Pod shop sets SELinux options that are not allowed: {\"type\": \"spc_t\"}",
		"path": ["spec", "containers", 0, "securityContext", "seLinuxOptions"],
	}}
}

test_allows if {
	every spec_ in [{}, spec(null), spec({"seLinuxOptions": {"type": "shop_t"}})] {
		found := allowed_selinux_options.deny with input as pod(spec_)
			with data.params.pods.allowed_selinux_options.options as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_selinux_options.deny with input as pod(spec({"seLinuxOptions": {"type": "spc_t"}}))
	found == set()
}

test_where_none_may_be_set_a_pod_can_set_none if {
	every spec_ in [spec({}), spec({"seLinuxOptions": {}})] {
		found := allowed_selinux_options.deny with input as pod(spec_)
			with data.params.pods.allowed_selinux_options.options as []
		found == set()
	}
}
