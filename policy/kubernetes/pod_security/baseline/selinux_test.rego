package kpolicy.kubernetes.pod_security.baseline.selinux_test

import data.kpolicy.kubernetes.pod_security.baseline.selinux

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

with_options(options) := pod({"securityContext": {"seLinuxOptions": options}})

path(field) := ["spec", "securityContext", "seLinuxOptions", field]

test_denies_other_types if {
	found := selinux.deny with input as with_options({"type": "spc_t"})
	found == {{"msg": "Pod shop has the SELinux type spc_t", "path": path("type")}}
}

test_denies_users_and_roles if {
	found := selinux.deny with input as with_options({"user": "system_u", "role": "sysadm_r"})
	found == {
		{"msg": "Pod shop has an SELinux user of its own: system_u", "path": path("user")},
		{"msg": "Pod shop has an SELinux role of its own: sysadm_r", "path": path("role")},
	}
}

test_allows if {
	every options in [null, {}, {"type": "container_engine_t"}, {"user": "", "role": null, "level": "s0:c1,c2"}] {
		found := selinux.deny with input as with_options(options)
		found == set()
	}
}
