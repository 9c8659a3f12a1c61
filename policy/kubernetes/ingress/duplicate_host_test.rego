package kpolicy.kubernetes.ingress.duplicate_host_test

import data.kpolicy.kubernetes.ingress.duplicate_host

ingress(name, class, host, path) := {
	"kind": "Ingress",
	"metadata": {"name": name},
	"spec": {"ingressClassName": class, "rules": [{"host": host, "http": {"paths": [{"path": path}]}}]},
}

given := {"objects": {"Ingress": {"default": {
	"web": [{"object": ingress("web", "nginx", "shop.example.com", "/"), "file": "web.yaml"}],
	"api": [{"object": ingress("api", "nginx", "shop.example.com", "/api"), "file": "api.yaml"}],
}}}}

test_denies_the_same_route if {
	found := duplicate_host.deny with input as ingress("new", "nginx", "shop.example.com", "/") with data.inventory as given
	found == {{
		"msg": "Ingress new takes host shop.example.com and path /, as does web in web.yaml",
		"path": ["spec", "rules", 0],
	}}
}

test_reports_an_ingress_once if {
	both := json.patch(given, [{
		"op": "add",
		"path": "/objects/Ingress/default/third",
		"value": [{"object": ingress("third", "nginx", "shop.example.com", "/"), "file": "third.yaml"}],
	}])
	found := duplicate_host.deny with input as ingress("new", "nginx", "shop.example.com", "/") with data.inventory as both
	found == {{
		"msg": "Ingress new takes host shop.example.com and path /, as does third in third.yaml (and 1 more)",
		"path": ["spec", "rules", 0],
	}}
}

test_allows_itself_and_other_routes if {
	every one in [
		ingress("web", "nginx", "shop.example.com", "/"),
		ingress("new", "nginx", "shop.example.com", "/new"),
		ingress("new", "nginx", "bank.example.com", "/"),
		ingress("new", "other", "shop.example.com", "/"),
	] {
		found := duplicate_host.deny with input as one with data.inventory as given
		found == set()
	}
}

test_says_nothing_where_the_set_is_not_known if {
	found := duplicate_host.deny with input as ingress("new", "nginx", "shop.example.com", "/")
	found == set()
}

test_leaves_kinds_of_other_projects_alone if {
	of_karmada := object.union(ingress("new", "nginx", "shop.example.com", "/"), {
		"apiVersion": "networking.karmada.io/v1alpha1",
		"kind": "MultiClusterIngress",
	})
	found := duplicate_host.deny with input as of_karmada with data.inventory as given
	found == set()
}
