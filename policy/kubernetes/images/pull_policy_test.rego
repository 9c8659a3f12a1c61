package kpolicy.kubernetes.images.pull_policy_test

import data.kpolicy.kubernetes.images.pull_policy

pod(container) := {"kind": "Pod", "spec": {"containers": [object.union({"name": "web"}, container)]}}

test_denies_what_may_be_old if {
	every container in [{"image": "web:1"}, {"image": "web", "imagePullPolicy": "IfNotPresent"}] {
		found := pull_policy.deny with input as pod(container)
		found == {{"msg": "container web is pulled by the policy IfNotPresent", "path": ["spec", "containers", 0, "imagePullPolicy"]}}
	}
}

test_allows_what_is_pulled_or_pinned if {
	every container in [{"image": "web"}, {"image": "host:5000/web:latest"}, {"image": "web:1", "imagePullPolicy": "Always"}, {"image": "web:1@sha256:abc"}] {
		found := pull_policy.deny with input as pod(container)
		found == set()
	}
}

test_a_container_without_an_image_pulls_nothing if {
	found := pull_policy.deny with input as pod({"imagePullPolicy": "IfNotPresent"})
	found == set()
}
