package kpolicy.kubernetes.pod_security.baseline.sysctls_test

import data.kpolicy.kubernetes.pod_security.baseline.sysctls

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

sysctl(name) := {"securityContext": {"sysctls": [{"name": name, "value": "1"}]}}

test_denies_unsafe_parameters if {
	found := sysctls.deny with input as pod(sysctl("kernel.msgmax"))
	found == {{
		"msg": "Pod shop sets the unsafe kernel parameter kernel.msgmax",
		"path": ["spec", "securityContext", "sysctls", 0],
	}}
}

test_allows if {
	every given in [{}, sysctl("net.ipv4.tcp_notsent_lowat"), {"securityContext": {"sysctls": null}}] {
		found := sysctls.deny with input as pod(given)
		found == set()
	}
}
