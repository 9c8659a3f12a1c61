package kpolicy.kubernetes.tls.istio_peer_authentication_test

import data.kpolicy.kubernetes.tls.istio_peer_authentication

policy(spec) := {"kind": "PeerAuthentication", "metadata": {"name": "default"}, "spec": spec}

test_denies_other_modes if {
	every mode in ["PERMISSIVE", "DISABLE"] {
		found := istio_peer_authentication.deny with input as policy({"mtls": {"mode": mode}})
		msg := sprintf("PeerAuthentication default takes plain text: its mode is %s", [mode])
		found == {{"msg": msg, "path": ["spec", "mtls", "mode"]}}
	}
}

test_denies_a_port_of_another_mode if {
	found := istio_peer_authentication.deny with input as policy({"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}})
	msg := "PeerAuthentication default takes plain text on port 8080: its mode is DISABLE"
	found == {{"msg": msg, "path": ["spec", "portLevelMtls", "8080", "mode"]}}
}

mesh(mode) := {"PeerAuthentication": {"istio-system": {"default": [{"object": object.union(
	policy({"mtls": {"mode": mode}}),
	{"metadata": {"name": "default", "namespace": "istio-system"}},
)}]}}}

test_denies_a_policy_without_a_mode_below_none if {
	every spec in [{}, {"mtls": {"mode": "UNSET"}}, null] {
		found := istio_peer_authentication.deny with input as policy(spec) with data.inventory.objects as mesh("PERMISSIVE")
		msg := "PeerAuthentication default takes plain text: it says no mode, and nothing above it says STRICT"
		found == {{"msg": msg, "path": ["spec", "mtls", "mode"]}}
		below := istio_peer_authentication.deny with input as policy(spec) with data.inventory.objects as mesh("STRICT")
		below == set()
	}
}

test_allows_strict_and_unset if {
	every spec in [{"mtls": {"mode": "STRICT"}}, {"mtls": {"mode": "UNSET"}}, {}, null] {
		found := istio_peer_authentication.deny with input as policy(spec)
		found == set()
	}
}
