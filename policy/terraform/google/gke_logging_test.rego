package kpolicy.terraform.google.gke_logging_test

import data.kpolicy.terraform.google.gke_logging

resource(block) := {"resource": {"google_container_cluster": {"x": [block]}}}

path := ["resource", "google_container_cluster", "x", 0]

test_denies_none if {
	found := gke_logging.deny with input as resource({"logging_service": "none"})
	place := array.concat(path, ["logging_service"])
	found == {{"msg": "google_container_cluster.x has logging_service = none", "path": place}}
}

test_allows_the_default if {
	found := gke_logging.deny with input as resource({"monitoring_service": "monitoring.googleapis.com/kubernetes"})
	found == set()
}
