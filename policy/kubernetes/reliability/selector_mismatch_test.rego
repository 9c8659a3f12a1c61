package kpolicy.kubernetes.reliability.selector_mismatch_test

import data.kpolicy.kubernetes.reliability.selector_mismatch

deployment(selector, labels) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": {"selector": selector, "template": {"metadata": {"labels": labels}}},
}

test_denies_other_labels if {
	every labels in [{"app": "wbe"}, {}, null] {
		found := selector_mismatch.deny with input as deployment({"matchLabels": {"app": "web"}}, labels)
		found == {{
			"msg": "the pods of Deployment web have other labels than its selector asks for",
			"path": ["spec", "template", "metadata", "labels"],
		}}
	}
}

test_allows_the_labels if {
	expression := {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}
	every selector in [{"matchLabels": {"app": "web"}}, expression, null] {
		found := selector_mismatch.deny with input as deployment(selector, {"app": "web", "tier": "front"})
		found == set()
	}
}

controller(selector) := {"kind": "ReplicationController", "metadata": {"name": "web"}, "spec": {
	"selector": selector,
	"template": {"metadata": {"labels": {"app": "web", "tier": "front"}}, "spec": {"containers": []}},
}}

test_selectors_that_are_labels if {
	denied := selector_mismatch.deny with input as controller({"app": "shop"})
	count(denied) == 1
	allowed := selector_mismatch.deny with input as controller({"app": "web"})
	allowed == set()
}
