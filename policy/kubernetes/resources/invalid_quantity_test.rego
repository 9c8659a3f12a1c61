package kpolicy.kubernetes.resources.invalid_quantity_test

import data.kpolicy.kubernetes.resources.invalid_quantity

pod(limit) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"limits": {"memory": limit}}}]}}

test_denies_other_suffixes if {
	every limit in ["1GB", "512mb", "1 Gi", ""] {
		found := invalid_quantity.deny with input as pod(limit)
		found == {{
			"msg": sprintf("container web has %s for limits of memory, which is no quantity", [limit]),
			"path": ["spec", "containers", 0, "resources", "limits", "memory"],
		}}
	}
}

test_allows_quantities if {
	every limit in ["1G", "512M", "1Gi", 1, "1e9", null] {
		found := invalid_quantity.deny with input as pod(limit)
		found == set()
	}
}
