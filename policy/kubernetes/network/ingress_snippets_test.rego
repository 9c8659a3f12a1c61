package kpolicy.kubernetes.network.ingress_snippets_test

import data.kpolicy.kubernetes.network.ingress_snippets

ingress(key) := {"kind": "Ingress", "metadata": {"name": "web", "annotations": {key: "x"}}}

test_denies_snippets if {
	every key in [
		"nginx.ingress.kubernetes.io/configuration-snippet",
		"nginx.ingress.kubernetes.io/auth-snippet",
		"nginx.ingress.kubernetes.io/server-snippet",
		"nginx.org/location-snippets",
	] {
		found := ingress_snippets.deny with input as ingress(key)
		found == {{
			"msg": sprintf("Ingress web writes into the controller's configuration by %s", [key]),
			"path": ["metadata", "annotations", key],
		}}
	}
}

test_allows_other_annotations if {
	found := ingress_snippets.deny with input as ingress("nginx.ingress.kubernetes.io/ssl-redirect")
	found == set()
}

test_only_those_of_an_ingress_are_read if {
	service := object.union(ingress("nginx.ingress.kubernetes.io/configuration-snippet"), {"kind": "Service"})
	found := ingress_snippets.deny with input as service
	found == set()
}
