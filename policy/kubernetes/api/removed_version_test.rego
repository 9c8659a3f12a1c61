package kpolicy.kubernetes.api.removed_version_test

import data.kpolicy.kubernetes.api.removed_version

object_(version, kind) := {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}}

denial(msg) := {"msg": msg, "path": ["apiVersion"]}

ingress := "Ingress web has version networking.k8s.io/v1beta1, which Kubernetes 1.22 removed: use networking.k8s.io/v1"

test_denies_removed_versions if {
	found := removed_version.deny with input as object_("networking.k8s.io/v1beta1", "Ingress")
	found == {denial(ingress)}
	gone := removed_version.deny with input as object_("policy/v1beta1", "PodSecurityPolicy")
	gone == {denial(concat("", [
		"PodSecurityPolicy web has version policy/v1beta1, which Kubernetes 1.25 removed; ",
		"nothing takes its place",
	]))}
}

test_allows_served_versions if {
	every version, kind in {"networking.k8s.io/v1": "Ingress", "policy/v1beta1": "Other", "example.com/v1beta1": "Ingress"} {
		found := removed_version.deny with input as object_(version, kind)
		found == set()
	}
}

test_the_target_is_a_parameter if {
	every target, many in {"1.21": 0, "v1.21.4": 0, "1.22": 1, "1.100": 1, "2.0": 1, "latest": 1} {
		found := removed_version.deny with input as object_("networking.k8s.io/v1beta1", "Ingress")
			with data.params.api.removed_version.target as target
		count(found) == many
	}
}
