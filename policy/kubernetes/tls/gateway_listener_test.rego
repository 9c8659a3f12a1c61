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

test_denies_a_route_that_does_not_redirect_to_https if {
	every rules in [
		[],
		[{"filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": "www.example.com"}}]}],
		[{"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "http"}}]}],
		[{"filters": [{"type": "URLRewrite", "requestRedirect": {"scheme": "https"}}]}],
	] {
		found(gateway("HTTP"), route("app", rules)) == denial
	}
}

test_leaves_other_kinds_alone if {
	found(object.union(gateway("HTTP"), {"kind": "GatewayClass"}), {}) == set()
}

test_says_nothing_where_the_set_is_not_known if {
	denied := gateway_listener.deny with input as gateway("HTTP")
	denied == set()
}
