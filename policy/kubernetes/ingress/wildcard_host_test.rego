package kpolicy.kubernetes.ingress.wildcard_host_test

import data.kpolicy.kubernetes.ingress.wildcard_host

ingress(rule) := {"kind": "Ingress", "metadata": {"name": "web"}, "spec": {"rules": [rule]}}

test_denies_wildcards_and_none if {
	every host, shown in {"*.example.com": "host *.example.com", "*": "host *", "": "every host"} {
		found := wildcard_host.deny with input as ingress({"host": host})
		found == {{
			"msg": sprintf("Ingress web has a rule for %s", [shown]),
			"path": ["spec", "rules", 0, "host"],
		}}
	}
	found := wildcard_host.deny with input as ingress({"host": null})
	count(found) == 1
}

test_allows_a_host if {
	found := wildcard_host.deny with input as ingress({"host": "shop.example.com"})
	found == set()
}

test_rules_of_routes_have_no_host if {
	found := wildcard_host.deny with input as {
		"apiVersion": "gateway.networking.k8s.io/v1",
		"kind": "HTTPRoute",
		"metadata": {"name": "web"},
		"spec": {"hostnames": ["shop.example.com"], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
	}
	found == set()
}
