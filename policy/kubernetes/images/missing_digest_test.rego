package kpolicy.kubernetes.images.missing_digest_test

import data.kpolicy.kubernetes.images.missing_digest

pod(image) := {"kind": "Pod", "spec": {"initContainers": [{"name": "web", "image": image}]}}

test_denies_a_tag_alone if {
	found := missing_digest.deny with input as pod("nginx:1.27.1")
	found == {{
		"msg": "container web runs nginx:1.27.1, which has no digest",
		"path": ["spec", "initContainers", 0, "image"],
	}}
}

test_allows_a_digest if {
	found := missing_digest.deny with input as pod("nginx:1.27.1@sha256:0123")
	found == set()
}
