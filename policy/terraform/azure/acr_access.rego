# METADATA
# title: A container registry is open to more than its users
# description: |
#   The admin account is one password for everybody, and anonymous pulls need none.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_registry
# custom:
#   severity: high
#   remediation: Set admin_enabled and anonymous_pull_enabled to false; pull by a managed identity.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.azure.acr_access

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(registry.path, [switch])} if {
	some registry in terraform.of_type("azurerm_container_registry")
	some switch, what in {"admin_enabled": "a shared admin account", "anonymous_pull_enabled": "pulls by everybody"}
	terraform.on(registry.block, switch)
	msg := sprintf("%s allows %s", [registry.name, what])
}
