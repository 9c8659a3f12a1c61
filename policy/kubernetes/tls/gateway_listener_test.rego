package kpolicy.kubernetes.tls.gateway_listener_test

import data.kpolicy.kubernetes.tls.gateway_listener

gateway(protocol) := {
	"apiVersion": "gateway.networking.k8s.io/v1",
	"kind": "Gateway",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": {"listeners": [{"name": "http", "port": 80, "protocol": protocol}]},
}

route(name, rules) := {name: [{"object": {
	"kind": "HTTPRoute",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": {"parentRefs": [{"name": "web"}], "rules": rules},
}}]}

redirect := {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]}

found(object_, routes) := denied if {
	denied := gateway_listener.deny with input as object_ with data.inventory as {"objects": {"HTTPRoute": {"shop": routes}}}
}

denial := {{"msg": "listener http of Gateway web serves plain HTTP", "path": ["spec", "listeners", 0, "protocol"]}}

test_denies_plain_http if {
	found(gateway("HTTP"), {}) == denial
	found(gateway("HTTP"), route("app", [{"backendRefs": [{"name": "app"}]}])) == denial
	found(gateway("HTTP"), object.union(route("up", [redirect]), route("app", [{"backendRefs": []}]))) == denial
	found(gateway("HTTP"), route("half", [redirect, {}])) == denial
}

test_allows_https_and_redirects if {
	found(gateway("HTTPS"), {}) == set()
	found(gateway("HTTP"), route("up", [redirect])) == set()
}

test_leaves_gateways_of_others_alone if {
	found(object.union(gateway("HTTP"), {"apiVersion": "networking.istio.io/v1"}), {}) == set()
}
