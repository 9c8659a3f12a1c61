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

test_strict_does_not_ask_what_is_above if {
	strict := policy({"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "STRICT"}}})
	found := istio_peer_authentication.deny with input as strict with data.inventory.objects as mesh("PERMISSIVE")
	found == set()
}

test_only_what_is_above_counts if {
	strict := policy({"mtls": {"mode": "STRICT"}})
	every other in [
		object.union(strict, {"metadata": {"namespace": "bank"}}),
		object.union(strict, {"spec": {"selector": {"matchLabels": {"app": "web"}}}}),
	] {
		namespace := object.get(other.metadata, "namespace", "default")
		found := istio_peer_authentication.deny with input as policy({})
			with data.inventory.objects as {"PeerAuthentication": {namespace: {"other": [{"object": other}]}}}
		msg := "PeerAuthentication default takes plain text: it says no mode, and nothing above it says STRICT"
		found == {{"msg": msg, "path": ["spec", "mtls", "mode"]}}
	}
}

test_leaves_other_kinds_alone if {
	service := {"kind": "Service", "metadata": {"name": "web"}, "spec": {}}
	found := istio_peer_authentication.deny with input as service with data.inventory.objects as {}
	found == set()
}
