package kpolicy.terraform.google.gke_legacy_access_test

import data.kpolicy.terraform.google.gke_legacy_access

resource(block) := {"resource": {"google_container_cluster": {"x": [block]}}}

path := ["resource", "google_container_cluster", "x", 0]

test_denies_both if {
	auth := {"client_certificate_config": [{"issue_client_certificate": true}]}
	found := {finding.msg | some finding in gke_legacy_access.deny} with input as resource({"enable_legacy_abac": true, "master_auth": [auth]})
	found == {
		"google_container_cluster.x has attribute-based access control",
		"google_container_cluster.x issues a client certificate",
	}
}

test_allows_the_default if {
	auth := {"client_certificate_config": [{"issue_client_certificate": false}]}
	found := gke_legacy_access.deny with input as resource({"enable_legacy_abac": false, "master_auth": [auth]})
	found == set()
}
