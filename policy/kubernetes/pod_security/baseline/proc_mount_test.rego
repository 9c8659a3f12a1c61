package kpolicy.kubernetes.pod_security.baseline.proc_mount_test

import data.kpolicy.kubernetes.pod_security.baseline.proc_mount

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(mount) := {"containers": [{"name": "web", "securityContext": {"procMount": mount}}]}

test_denies_other_mounts if {
	found := proc_mount.deny with input as pod(spec("Unmasked"))
	found == {{
		"msg": "container web of Pod shop mounts /proc as Unmasked",
		"path": ["spec", "containers", 0, "securityContext", "procMount"],
	}}
}

test_a_user_namespace if {
	found := proc_mount.deny with input as pod(object.union(spec("Unmasked"), {"hostUsers": false}))
	count(found) == 0
}

test_allows if {
	every given in [{}, spec("Default"), spec(null)] {
		found := proc_mount.deny with input as pod(given)
		found == set()
	}
}
