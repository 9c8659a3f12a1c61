package kpolicy.kubernetes.tls.istio_allow_all_test

import data.kpolicy.kubernetes.tls.istio_allow_all

policy(spec) := {"kind": "AuthorizationPolicy", "metadata": {"name": "all"}, "spec": spec}

test_denies_an_empty_rule if {
	found := istio_allow_all.deny with input as policy({"rules": [{"to": [{}]}, {}]})
	msg := "AuthorizationPolicy all allows every request: a rule says neither from, to nor when"
	found == {{"msg": msg, "path": ["spec", "rules", 1]}}
}

test_allows_narrow_rules_no_rules_and_denials if {
	every spec in [{}, {"rules": []}, {"rules": [{"from": [{"source": {"namespaces": ["a"]}}]}]}, {"action": "DENY", "rules": [{}]}] {
		found := istio_allow_all.deny with input as policy(spec)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	route := {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": {"rules": [{"backendRefs": [{"name": "web"}]}]}}
	found := istio_allow_all.deny with input as route
	found == set()
}
