# METADATA
# title: An AKS cluster has accounts of its own
# description: |
#   Whoever has the certificate of the local administrator is past Entra ID, its conditions and its log; and
#   without role-based access control everybody is one.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/kubernetes_cluster
# custom:
#   severity: medium
#   remediation: Set local_account_disabled = true, and leave role_based_access_control_enabled on.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.azure.aks_local_accounts

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["local_account_disabled"])} if {
	some cluster in terraform.of_type("azurerm_kubernetes_cluster")
	terraform.off(cluster.block, "local_account_disabled")
	msg := sprintf("%s has a local administrator", [cluster.name])
}

deny contains {"msg": msg, "path": array.concat(cluster.path, ["role_based_access_control_enabled"])} if {
	some cluster in terraform.of_type("azurerm_kubernetes_cluster")
	object.get(cluster.block, "role_based_access_control_enabled", true) in {false, "false"}
	msg := sprintf("%s has no role-based access control", [cluster.name])
}

# As it was written before version 2.99 of the provider.
deny contains {"msg": msg, "path": array.concat(control.path, ["enabled"])} if {
	some cluster in terraform.of_type("azurerm_kubernetes_cluster")
	some control in terraform.blocks(cluster, "role_based_access_control")
	object.get(control.block, "enabled", true) in {false, "false"}
	msg := sprintf("%s has no role-based access control", [cluster.name])
}
