package kpolicy.lib.selectors_test

import data.kpolicy.lib.selectors

labels := {"app": "web", "tier": "front"}

expression(key, operator, values) := {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}

test_selects if {
	every selector in [
		{},
		{"matchLabels": {}, "matchExpressions": []},
		{"matchLabels": null, "matchExpressions": null},
		{"matchLabels": {"app": "web"}},
		{"matchLabels": {"app": "web", "tier": "front"}},
		expression("app", "In", ["api", "web"]),
		expression("app", "NotIn", ["api"]),
		expression("stage", "NotIn", ["test"]),
		{"matchExpressions": [{"key": "app", "operator": "Exists"}]},
		{"matchExpressions": [{"key": "stage", "operator": "DoesNotExist"}]},
	] {
		selectors.matches(selector, labels)
	}
}

test_does_not_select if {
	every selector in [
		{"matchLabels": {"app": "api"}},
		{"matchLabels": {"app": "web", "stage": "test"}},
		expression("app", "In", ["api"]),
		expression("stage", "In", ["test"]),
		expression("app", "NotIn", ["web"]),
		{"matchExpressions": [{"key": "stage", "operator": "Exists"}]},
		{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]},
		object.union({"matchLabels": {"app": "web"}}, expression("tier", "In", ["back"])),
	] {
		not selectors.matches(selector, labels)
	}
}

test_what_is_no_selector_selects_nothing if {
	every selector in [
		null,
		"app=web",
		[],
		{"matchLabels": "app=web"},
		{"matchLabels": ["app"]},
		{"matchExpressions": "app"},
		{"matchLabels": {"app": "web"}, "matchExpressions": "app"},
		{"matchExpressions": [null]},
		expression("app", "Like", ["web"]),
		expression("app", "NotIn", null),
	] {
		not selectors.matches(selector, labels)
		not selectors.selects_all(selector)
	}
}

test_selects_all_is_empty_only if {
	selectors.selects_all({})
	selectors.selects_all({"matchLabels": null})
	not selectors.selects_all({"matchLabels": {"app": "web"}})
	not selectors.selects_all({"matchExpressions": [{"key": "app", "operator": "Exists"}]})
}

test_namespaces_by_name if {
	selectors.named({"matchLabels": {"kubernetes.io/metadata.name": "shop"}}) == {"shop"}
	selectors.named(expression("kubernetes.io/metadata.name", "In", ["shop", "bank"])) == {"shop", "bank"}
	selectors.named(expression("kubernetes.io/metadata.name", "NotIn", ["shop"])) == set()
	selectors.named({"matchLabels": {"team": "shop"}}) == set()
}
