package kpolicy.terraform.azure.acr_access_test

import data.kpolicy.terraform.azure.acr_access

resource(block) := {"resource": {"azurerm_container_registry": {"x": [block]}}}

path := ["resource", "azurerm_container_registry", "x", 0]

test_denies_both_switches if {
	found := {finding.msg | some finding in acr_access.deny} with input as resource({"admin_enabled": true, "anonymous_pull_enabled": true})
	found == {
		"azurerm_container_registry.x allows a shared admin account",
		"azurerm_container_registry.x allows pulls by everybody",
	}
}

test_allows_neither if {
	found := acr_access.deny with input as resource({"admin_enabled": false})
	found == set()
}
