package kpolicy.kubernetes.pod_security.baseline.host_namespaces_test

import data.kpolicy.kubernetes.pod_security.baseline.host_namespaces

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

test_denies_each if {
	every field in ["hostNetwork", "hostPID", "hostIPC"] {
		found := host_namespaces.deny with input as pod({field: true})
		found == {{"msg": sprintf("Pod shop sets %s, and so shares it with the node", [field]), "path": ["spec", field]}}
	}
}

test_allows if {
	every given in [{}, {"hostPID": false, "hostNetwork": null}] {
		found := host_namespaces.deny with input as pod(given)
		found == set()
	}
}
