package kpolicy.kubernetes.pod_security.baseline.windows_host_process_test

import data.kpolicy.kubernetes.pod_security.baseline.windows_host_process

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

process(value) := {"securityContext": {"windowsOptions": {"hostProcess": value}}}

test_denies_host_processes if {
	found := windows_host_process.deny with input as pod(process(true))
	found == {{
		"msg": "Pod shop runs as a process of the node: hostProcess is set",
		"path": ["spec", "securityContext", "windowsOptions", "hostProcess"],
	}}
}

test_allows if {
	every given in [{}, process(false), process(null), {"securityContext": {"windowsOptions": "odd"}}] {
		found := windows_host_process.deny with input as pod(given)
		found == set()
	}
}
