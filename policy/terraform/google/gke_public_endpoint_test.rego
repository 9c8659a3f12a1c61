package kpolicy.terraform.google.gke_public_endpoint_test

import data.kpolicy.terraform.google.gke_public_endpoint

resource(block) := {"resource": {"google_container_cluster": {"x": [block]}}}

path := ["resource", "google_container_cluster", "x", 0]

test_denies_an_open_cluster if {
	found := {finding.msg | some finding in gke_public_endpoint.deny} with input as resource({})
	found == {
		"the API server of google_container_cluster.x can be reached from everywhere",
		"the nodes of google_container_cluster.x have public addresses",
	}
}

test_denies_networks_of_everybody if {
	config := {"cidr_blocks": [{"cidr_block": "0.0.0.0/0"}]}
	block := {"enable_autopilot": true, "master_authorized_networks_config": [config]}
	found := gke_public_endpoint.deny with input as resource(block)
	place := array.concat(path, ["master_authorized_networks_config", 0, "cidr_blocks", 0, "cidr_block"])
	found == {{"msg": "the authorized networks of google_container_cluster.x are everybody's", "path": place}}
}

test_allows_a_private_cluster if {
	config := {"enable_private_nodes": true, "enable_private_endpoint": "${var.x}"}
	found := gke_public_endpoint.deny with input as resource({"private_cluster_config": [config]})
	found == set()
}

test_allows_networks_by_their_addresses if {
	config := {"cidr_blocks": [{"cidr_block": "10.0.0.0/8"}, {"cidr_block": "${var.network}"}]}
	found := gke_public_endpoint.deny with input as resource({"enable_autopilot": true, "master_authorized_networks_config": [config]})
	found == set()
}

test_denies_a_cluster_whose_private_switches_are_off if {
	config := {"enable_private_nodes": false, "enable_private_endpoint": false}
	found := {finding.msg | some finding in gke_public_endpoint.deny} with input as resource({"private_cluster_config": [config]})
	found == {
		"the API server of google_container_cluster.x can be reached from everywhere",
		"the nodes of google_container_cluster.x have public addresses",
	}
}
