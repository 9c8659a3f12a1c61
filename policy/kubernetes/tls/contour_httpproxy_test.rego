package kpolicy.kubernetes.tls.contour_httpproxy_test

import data.kpolicy.kubernetes.tls.contour_httpproxy

proxy(spec) := {"kind": "HTTPProxy", "metadata": {"name": "web"}, "spec": spec}

test_denies_a_host_without_tls if {
	found := contour_httpproxy.deny with input as proxy({"virtualhost": {"fqdn": "a.example.com"}})
	found == {{"msg": "HTTPProxy web serves a.example.com without TLS", "path": ["spec", "virtualhost", "tls"]}}
}

test_denies_an_insecure_route if {
	spec := {"virtualhost": {"fqdn": "a", "tls": {"secretName": "s"}}, "routes": [{"permitInsecure": true}]}
	found := contour_httpproxy.deny with input as proxy(spec)
	found == {{"msg": "HTTPProxy web serves a route without TLS too", "path": ["spec", "routes", 0, "permitInsecure"]}}
}

test_allows_tls_and_parts if {
	every spec in [{"virtualhost": {"fqdn": "a", "tls": {"passthrough": true}}}, {"routes": [{}]}, null] {
		found := contour_httpproxy.deny with input as proxy(spec)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	other := {"apiVersion": "example.com/v1", "kind": "Proxy"}
	found := contour_httpproxy.deny with input as object.union(proxy({"virtualhost": {"fqdn": "a.example.com"}}), other)
	found == set()
}
