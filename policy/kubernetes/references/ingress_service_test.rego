package kpolicy.kubernetes.references.ingress_service_test

import data.kpolicy.kubernetes.references.ingress_service

ingress(name) := {
	"kind": "Ingress",
	"metadata": {"name": "web"},
	"spec": {"rules": [{"http": {"paths": [{"backend": {"service": {"name": name}}}]}}]},
}

given := {"objects": {"Service": {"default": {"web": [{"object": {"metadata": {"name": "web"}}}]}}}}

test_denies_a_missing_service if {
	found := ingress_service.deny with input as ingress("wbe") with data.inventory as given
	found == {{
		"msg": "Ingress web leads to Service wbe, which namespace default has not",
		"path": ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "name"],
	}}
	default_backend := {"kind": "Ingress", "spec": {"defaultBackend": {"service": {"name": "wbe"}}}}
	of_default := ingress_service.deny with input as default_backend with data.inventory as given
	{denial.path | some denial in of_default} == {["spec", "defaultBackend", "service", "name"]}
}

test_allows_a_service_that_is_there if {
	found := ingress_service.deny with input as ingress("web") with data.inventory as given
	found == set()
}

test_says_nothing_where_no_service_is_known if {
	found := ingress_service.deny with input as ingress("wbe") with data.inventory as {"objects": {}}
	found == set()
	unknown := ingress_service.deny with input as ingress("wbe")
	unknown == set()
}

test_leaves_kinds_of_other_projects_alone if {
	of_karmada := object.union(ingress("wbe"), {"apiVersion": "networking.karmada.io/v1alpha1", "kind": "MultiClusterIngress"})
	found := ingress_service.deny with input as of_karmada with data.inventory as given
	found == set()
}
