# METADATA
# title: An AKS cluster sends no logs
# description: |
#   Without the agent, or a diagnostic setting for the cluster, nobody can tell afterwards what happened in it.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/kubernetes_cluster
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/monitor_diagnostic_setting
# custom:
#   severity: medium
#   remediation: Add oms_agent with a workspace, or an azurerm_monitor_diagnostic_setting for the cluster.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [strict]
package kpolicy.terraform.azure.aks_logging

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["oms_agent"])} if {
	some cluster in terraform.of_type("azurerm_kubernetes_cluster")
	terraform.absent(cluster.block, "oms_agent")
	not has_addon(cluster)
	not diagnosed(cluster)
	msg := sprintf("%s sends no logs", [cluster.name])
}

# The agent as it was written before version 3 of the provider.
has_addon(cluster) if {
	some profile in terraform.blocks(cluster, "addon_profile")
	some agent in terraform.blocks(profile, "oms_agent")
	not terraform.off(agent.block, "enabled")
}

diagnosed(cluster) if {
	some setting in terraform.everywhere("azurerm_monitor_diagnostic_setting")
	terraform.together(setting, cluster)
	terraform.refers(setting.block.target_resource_id, cluster, "id")
}
