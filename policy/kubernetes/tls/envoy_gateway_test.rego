package kpolicy.kubernetes.tls.envoy_gateway_test

import data.kpolicy.kubernetes.tls.envoy_gateway

object_(kind, tls) := {
	"apiVersion": "gateway.envoyproxy.io/v1alpha1",
	"kind": kind,
	"metadata": {"name": "x"},
	"spec": {"tls": tls},
}

test_denies_old_versions if {
	found := envoy_gateway.deny with input as object_("ClientTrafficPolicy", {"minVersion": "1.0"})
	found == {{"msg": "ClientTrafficPolicy x takes TLS 1.0", "path": ["spec", "tls", "minVersion"]}}
}

test_denies_what_is_not_verified if {
	found := envoy_gateway.deny with input as object_("Backend", {"insecureSkipVerify": true})
	found == {{"msg": "Backend x does not verify whom it speaks to", "path": ["spec", "tls", "insecureSkipVerify"]}}
}

test_allows_the_rest if {
	every tls in [{"minVersion": "1.2"}, {}, null, "x"] {
		found := envoy_gateway.deny with input as object_("ClientTrafficPolicy", tls)
		found == set()
	}
}

test_allows_a_backend_that_is_verified if {
	every tls in [{"insecureSkipVerify": false}, {"wellKnownCACertificates": "System"}] {
		found := envoy_gateway.deny with input as object_("Backend", tls)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	every one in [
		object_("BackendTrafficPolicy", {"minVersion": "1.0", "insecureSkipVerify": true}),
		object.union(object_("ClientTrafficPolicy", {"minVersion": "1.0"}), {"apiVersion": "example.com/v1"}),
		object.union(object_("Backend", {"insecureSkipVerify": true}), {"apiVersion": "gateway.kgateway.dev/v1alpha1"}),
	] {
		found := envoy_gateway.deny with input as one
		found == set()
	}
}
