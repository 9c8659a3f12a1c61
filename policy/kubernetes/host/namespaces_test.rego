package kpolicy.kubernetes.host.namespaces_test

import data.kpolicy.kubernetes.host.namespaces

of_kind(kind, spec) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": spec}}}

test_denies_every_namespace_of_the_node if {
	found := namespaces.deny with input as of_kind("Deployment", {"hostNetwork": true, "hostPID": true, "hostIPC": true, "containers": []})
	{finding.path[count(finding.path) - 1] | some finding in found} == {"hostNetwork", "hostPID", "hostIPC"}
}

test_warns_of_agents if {
	agent := of_kind("DaemonSet", {"hostNetwork": true, "hostIPC": true, "containers": []})
	denied := namespaces.deny with input as agent
	warned := namespaces.warn with input as agent
	denied == {{
		"msg": "the pod of DaemonSet web sets hostIPC, and so shares it with the node",
		"path": ["spec", "template", "spec", "hostIPC"],
	}}
	warned == {{
		"msg": "the pod of DaemonSet web sets hostNetwork, and so shares it with each node",
		"path": ["spec", "template", "spec", "hostNetwork"],
	}}
}

test_allows_pods_of_their_own if {
	found := namespaces.deny with input as of_kind("Deployment", {"hostNetwork": false, "hostPID": null, "containers": []})
	found == set()
}

test_warns_of_agents_alone if {
	found := namespaces.warn with input as of_kind("Deployment", {"hostNetwork": true, "containers": []})
	found == set()
}
