package kpolicy.lib.terraform_defaults_test

import data.kpolicy.lib.terraform_defaults

test_a_value_that_is_said_counts if {
	block := {"allow_nested_items_to_be_public": false}
	terraform_defaults.value("azurerm_storage_account", block, "allow_nested_items_to_be_public") == false
}

test_what_is_left_out_is_the_default if {
	every block in [{}, {"allow_nested_items_to_be_public": null}] {
		terraform_defaults.value("azurerm_storage_account", block, "allow_nested_items_to_be_public") == true
	}
}

test_what_is_not_in_the_table_has_no_value if {
	not terraform_defaults.value("aws_vpc", {}, "x")
}

test_each_default_names_its_provider_and_source if {
	entries := [entry | some fields in terraform_defaults.table; some entry in fields]
	every entry in entries {
		regex.match(`^[a-z]+ [0-9]+\.[0-9]+$`, entry.provider)
		startswith(entry.source, "https://registry.terraform.io/providers/hashicorp/")
	}
}
