package kpolicy.kubernetes.host.capabilities_test

import data.kpolicy.kubernetes.host.capabilities

adding(kind, names) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": {"containers": [{
	"name": "c",
	"securityContext": {"capabilities": {"add": names}},
}]}}}}

named(findings) := {finding.msg | some finding in findings}

test_denies_powers_over_the_node if {
	found := capabilities.deny with input as adding("Deployment", ["NET_ADMIN", "CHOWN", "SYS_ADMIN"])
	named(found) == {
		"container c of Deployment web adds the capability NET_ADMIN",
		"container c of Deployment web adds the capability SYS_ADMIN",
	}
}

test_warns_of_what_agents_need if {
	agent := adding("DaemonSet", ["SYS_TIME", "SYS_ADMIN"])
	denied := capabilities.deny with input as agent
	named(denied) == {"container c of DaemonSet web adds the capability SYS_ADMIN"}
	warned := capabilities.warn with input as agent
	warned == {{
		"msg": "container c of DaemonSet web adds the capability SYS_TIME",
		"path": ["spec", "template", "spec", "containers", 0, "securityContext", "capabilities", "add", 0],
	}}
}

test_allows_the_usual_ones if {
	found := capabilities.deny with input as adding("Pod", ["CHOWN"])
	found == set()
}
