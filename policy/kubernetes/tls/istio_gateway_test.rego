package kpolicy.kubernetes.tls.istio_gateway_test

import data.kpolicy.kubernetes.tls.istio_gateway

gateway(server) := {
	"apiVersion": "networking.istio.io/v1",
	"kind": "Gateway",
	"metadata": {"name": "web"},
	"spec": {"servers": [server]},
}

test_denies_plain_http if {
	found := istio_gateway.deny with input as gateway({"port": {"number": 80, "protocol": "HTTP"}})
	found == {{"msg": "Gateway web serves plain HTTP on port 80", "path": ["spec", "servers", 0, "port", "protocol"]}}
}

test_denies_https_without_a_mode if {
	found := istio_gateway.deny with input as gateway({"port": {"number": 443, "protocol": "HTTPS"}})
	found == {{"msg": "Gateway web has no TLS mode for port 443", "path": ["spec", "servers", 0, "tls", "mode"]}}
}

test_allows_redirects_and_tls if {
	every server in [
		{"port": {"number": 80, "protocol": "HTTP"}, "tls": {"httpsRedirect": true}},
		{"port": {"number": 443, "protocol": "HTTPS"}, "tls": {"mode": "SIMPLE"}},
		{"port": {"number": 31400, "protocol": "TCP"}},
		null,
	] {
		found := istio_gateway.deny with input as gateway(server)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	every identity in [{"apiVersion": "example.com/v1"}, {"kind": "Sidecar"}] {
		plain := gateway({"port": {"number": 80, "protocol": "HTTP"}})
		found := istio_gateway.deny with input as object.union(plain, identity)
		found == set()
	}
}
