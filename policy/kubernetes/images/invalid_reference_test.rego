package kpolicy.kubernetes.images.invalid_reference_test

import data.kpolicy.kubernetes.images.invalid_reference

pod(image) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "image": image}]}}

test_denies_what_nothing_has_filled_in if {
	found := invalid_reference.deny with input as pod("registry.example.com/web:${TAG}")
	found == {{
		"msg": "container web runs registry.example.com/web:${TAG}, which is no image reference",
		"path": ["spec", "containers", 0, "image"],
	}}
}

test_allows_references if {
	found := invalid_reference.deny with input as pod("localhost:5000/shop/web")
	found == set()
}
