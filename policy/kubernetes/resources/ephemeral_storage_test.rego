package kpolicy.kubernetes.resources.ephemeral_storage_test

import data.kpolicy.kubernetes.resources.ephemeral_storage

pod(limits) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"limits": limits}}]}}

test_denies_no_limit if {
	found := ephemeral_storage.deny with input as pod({"memory": "1Gi"})
	found == {{
		"msg": "container web has no limit for ephemeral storage",
		"path": ["spec", "containers", 0, "resources", "limits", "ephemeral-storage"],
	}}
}

test_allows_a_limit if {
	found := ephemeral_storage.deny with input as pod({"ephemeral-storage": "1Gi"})
	found == set()
}
