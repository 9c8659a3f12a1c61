# METADATA
# title: A storage account is public, or takes plain HTTP
# description: |
#   A container with access blob or container can be read by everybody who guesses its name; without HTTPS what
#   is read and written can be seen on the way. An account allows such containers unless it says otherwise.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/storage_account
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/storage_container
# custom:
#   severity: high
#   remediation: Set container_access_type = "private", allow_nested_items_to_be_public = false and https_traffic_only_enabled = true.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.azure.public_storage

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(container.path, ["container_access_type"])} if {
	some container in terraform.of_type("azurerm_storage_container")
	container.block.container_access_type in {"blob", "container"}
	msg := sprintf("%s can be read by everybody", [container.name])
}

deny contains {"msg": msg, "path": array.concat(account.path, [switch])} if {
	some account in terraform.of_type("azurerm_storage_account")
	some switch in ["https_traffic_only_enabled", "enable_https_traffic_only"]
	object.get(account.block, switch, true) in {false, "false"}
	msg := sprintf("%s takes plain HTTP", [account.name])
}

deny contains {"msg": msg, "path": array.concat(account.path, ["allow_nested_items_to_be_public"])} if {
	some account in terraform.of_type("azurerm_storage_account")
	terraform.on_or_default("azurerm_storage_account", account.block, "allow_nested_items_to_be_public")
	msg := sprintf("containers of %s may be made public", [account.name])
}
