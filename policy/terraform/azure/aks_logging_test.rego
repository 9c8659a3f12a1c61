package kpolicy.terraform.azure.aks_logging_test

import data.kpolicy.terraform.azure.aks_logging

resource(block) := {"resource": {"azurerm_kubernetes_cluster": {"x": [block]}}}

path := ["resource", "azurerm_kubernetes_cluster", "x", 0]

test_denies_a_cluster_without_logs if {
	found := aks_logging.deny with input as resource({})
	found == {{"msg": "azurerm_kubernetes_cluster.x sends no logs", "path": array.concat(path, ["oms_agent"])}}
}

test_allows_an_agent_or_a_setting if {
	agent := aks_logging.deny with input as resource({"oms_agent": [{"log_analytics_workspace_id": "${x}"}]})
	agent == set()
	setting := {"azurerm_monitor_diagnostic_setting": {"d": [{"target_resource_id": "${azurerm_kubernetes_cluster.x.id}"}]}}
	found := aks_logging.deny with input as {"resource": object.union(resource({}).resource, setting)}
	found == set()
}

test_the_addon_of_former_versions_counts_where_it_is_on if {
	every enabled, expected in {"true": 0, "false": 1} {
		block := {"addon_profile": [{"oms_agent": [{"enabled": json.unmarshal(enabled)}]}]}
		found := aks_logging.deny with input as resource(block)
		count(found) == expected
	}
}
