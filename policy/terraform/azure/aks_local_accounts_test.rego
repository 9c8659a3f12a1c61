package kpolicy.terraform.azure.aks_local_accounts_test

import data.kpolicy.terraform.azure.aks_local_accounts

resource(block) := {"resource": {"azurerm_kubernetes_cluster": {"x": [block]}}}

path := ["resource", "azurerm_kubernetes_cluster", "x", 0]

test_denies_local_accounts_and_no_roles if {
	found := {finding.msg | some finding in aks_local_accounts.deny} with input as resource({"role_based_access_control_enabled": false})
	found == {
		"azurerm_kubernetes_cluster.x has a local administrator",
		"azurerm_kubernetes_cluster.x has no role-based access control",
	}
}

test_allows_neither if {
	found := aks_local_accounts.deny with input as resource({"local_account_disabled": true})
	found == set()
}

test_denies_no_roles_in_the_block_of_former_versions if {
	block := {"local_account_disabled": true, "role_based_access_control": [{"enabled": false}]}
	found := aks_local_accounts.deny with input as resource(block)
	place := array.concat(path, ["role_based_access_control", 0, "enabled"])
	found == {{"msg": "azurerm_kubernetes_cluster.x has no role-based access control", "path": place}}
}

test_allows_roles_in_the_block_of_former_versions if {
	every control in [{"enabled": true}, {"enabled": "${var.x}"}] {
		found := aks_local_accounts.deny with input as resource({"local_account_disabled": true, "role_based_access_control": [control]})
		found == set()
	}
}
