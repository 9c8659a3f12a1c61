package kpolicy.kubernetes.pod_security.baseline.capabilities_test

import data.kpolicy.kubernetes.pod_security.baseline.capabilities

pod(container) := {
	"kind": "Pod",
	"metadata": {"name": "shop"},
	"spec": {"containers": [object.union({"name": "web"}, container)]},
}

test_denies_what_is_beyond_the_usual_set if {
	every capability in ["NET_RAW", "SYS_ADMIN", "ALL", "CAP_CHOWN", null] {
		given := {"securityContext": {"capabilities": {"add": ["CHOWN", capability]}}}
		found := capabilities.deny with input as pod(given)
		found == {{
			"msg": sprintf("container web of Pod shop adds the capability %v", [capability]),
			"path": ["spec", "containers", 0, "securityContext", "capabilities", "add", 1],
		}}
	}
}

test_allows if {
	every given in [
		{},
		{"securityContext": {"capabilities": {"add": ["CHOWN", "KILL"]}}},
		{"securityContext": {"capabilities": null}},
	] {
		found := capabilities.deny with input as pod(given)
		found == set()
	}
}
