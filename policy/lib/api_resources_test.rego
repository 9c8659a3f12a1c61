package kpolicy.lib.api_resources_test

import data.kpolicy.lib.api_resources

test_resources_by_group if {
	api_resources.has("", "pods")
	api_resources.has("", "pods/exec")
	api_resources.has("apps", "deployments/scale")
	api_resources.has("authentication.k8s.io", "userextras/scopes")
	not api_resources.has("", "deployments")
	not api_resources.has("", "pods/*")
	not api_resources.has("apps", "pods/exec")
}

test_groups_of_a_resource if {
	api_resources.groups_of("ingresses") == {"extensions", "networking.k8s.io"}
	api_resources.groups_of("widgets") == set()
}
