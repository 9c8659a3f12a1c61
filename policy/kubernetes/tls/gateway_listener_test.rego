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

listener_set(version, kind) := object.union(gateway("HTTP"), {"apiVersion": version, "kind": kind})

set_denial(kind) := {{
	"msg": sprintf("listener http of %s web serves plain HTTP", [kind]),
	"path": ["spec", "listeners", 0, "protocol"],
}}

route_to(parent) := {"up": [{"object": {
	"kind": "HTTPRoute",
	"metadata": {"name": "up", "namespace": "shop"},
	"spec": {"parentRefs": [object.union({"name": "web"}, parent)], "rules": [redirect]},
}}]}

test_denies_plain_http_of_a_listener_set if {
	standard := listener_set("gateway.networking.k8s.io/v1", "ListenerSet")
	experimental := listener_set("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet")
	found(standard, {}) == set_denial("ListenerSet")
	found(experimental, {}) == set_denial("XListenerSet")
	found(listener_set("gateway.networking.k8s.io/v1", "XListenerSet"), {}) == set()

	# A route of the Gateway of the same name is not attached to it, nor is one of another group.
	found(standard, route_to({})) == set_denial("ListenerSet")
	found(experimental, route_to({"kind": "XListenerSet"})) == set_denial("XListenerSet")
}

test_allows_redirects_of_a_listener_set if {
	standard := listener_set("gateway.networking.k8s.io/v1", "ListenerSet")
	experimental := listener_set("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet")
	found(standard, route_to({"kind": "ListenerSet"})) == set()
	found(experimental, route_to({"group": "gateway.networking.x-k8s.io", "kind": "XListenerSet"})) == set()
}

test_a_route_is_attached_by_namespace_section_and_port if {
	found(gateway("HTTP"), route_to({"namespace": "shop", "sectionName": "http", "port": 80})) == set()
	every parent in [{"namespace": "other"}, {"sectionName": "https"}, {"port": 443}, {"name": "other"}, {"kind": "ListenerSet"}] {
		found(gateway("HTTP"), route_to(parent)) == denial
	}
}

test_a_listener_without_a_port_has_the_routes_of_its_set if {
	bare := {"listeners": [{"name": "http", "protocol": "HTTP"}]}
	one := object.union(object.remove(listener_set("gateway.networking.k8s.io/v1", "ListenerSet"), ["spec"]), {"spec": bare})
	found(one, route_to({"kind": "ListenerSet"})) == set()
}
