package kpolicy.terraform.azure.aks_public_api_test

import data.kpolicy.terraform.azure.aks_public_api

resource(block) := {"resource": {"azurerm_kubernetes_cluster": {"x": [block]}}}

path := ["resource", "azurerm_kubernetes_cluster", "x", 0]

test_denies_a_cluster_for_everybody if {
	every block in [{}, {"private_cluster_enabled": false, "api_server_access_profile": [{"authorized_ip_ranges": ["0.0.0.0/0"]}]}] {
		found := aks_public_api.deny with input as resource(block)
		place := array.concat(path, ["private_cluster_enabled"])
		found == {{"msg": "azurerm_kubernetes_cluster.x can be reached from everywhere", "path": place}}
	}
}

test_allows_private_and_narrowed_ones if {
	every block in [
		{"private_cluster_enabled": true},
		{"api_server_access_profile": [{"authorized_ip_ranges": ["10.0.0.0/8"]}]},
		{"api_server_authorized_ip_ranges": "${var.ranges}"},
	] {
		found := aks_public_api.deny with input as resource(block)
		found == set()
	}
}
