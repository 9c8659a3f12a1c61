package kpolicy.terraform.azure.public_storage_test

import data.kpolicy.terraform.azure.public_storage

resource(block) := {"resource": {"azurerm_storage_account": {"x": [block]}}}

path := ["resource", "azurerm_storage_account", "x", 0]

test_denies_public_items_and_plain_http if {
	block := {"https_traffic_only_enabled": false, "allow_nested_items_to_be_public": true}
	found := {finding.msg | some finding in public_storage.deny} with input as resource(block)
	found == {
		"azurerm_storage_account.x takes plain HTTP",
		"containers of azurerm_storage_account.x may be made public",
	}
}

test_denies_a_public_container if {
	container := {"resource": {"azurerm_storage_container": {"x": [{"container_access_type": "blob"}]}}}
	found := {finding.msg | some finding in public_storage.deny} with input as container
	found == {"azurerm_storage_container.x can be read by everybody"}
}

test_allows_a_closed_account if {
	block := {"allow_nested_items_to_be_public": false, "https_traffic_only_enabled": true}
	found := public_storage.deny with input as resource(block)
	found == set()
}

test_an_account_that_says_nothing_allows_public_items if {
	found := public_storage.deny with input as resource({})
	msg := "containers of azurerm_storage_account.x may be made public"
	found == {{"msg": msg, "path": array.concat(path, ["allow_nested_items_to_be_public"])}}
}

test_an_expression_is_not_known if {
	found := public_storage.deny with input as resource({"allow_nested_items_to_be_public": "${var.x}"})
	found == set()
}

test_allows_a_private_container if {
	every block in [{}, {"container_access_type": "private"}, {"container_access_type": "${var.x}"}] {
		found := public_storage.deny with input as {"resource": {"azurerm_storage_container": {"x": [block]}}}
		found == set()
	}
}
