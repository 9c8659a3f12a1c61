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

test_a_setting_of_another_cluster_does_not_count if {
	every target in ["${azurerm_kubernetes_cluster.xy.id}", "${data.azurerm_kubernetes_cluster.x.id}", null] {
		setting := {"azurerm_monitor_diagnostic_setting": {"d": [{"target_resource_id": target}]}}
		found := {finding.msg | some finding in aks_logging.deny} with input as {"resource": object.union(resource({}).resource, setting)}
		found == {"azurerm_kubernetes_cluster.x sends no logs"}
	}
}

test_a_setting_of_the_cluster_counts_within_its_module if {
	cluster := {"name": "azurerm_kubernetes_cluster.x", "module": ".", "file": "a.tf", "path": path, "values": {}}
	every module, expected in {".": set(), "module.other": {"azurerm_kubernetes_cluster.x sends no logs"}} {
		setting := {
			"name": "azurerm_monitor_diagnostic_setting.d",
			"module": module,
			"file": "b.tf",
			"path": ["p"],
			"values": {"target_resource_id": "${azurerm_kubernetes_cluster.x.id}"},
		}
		configuration := {"file": "a.tf", "resources": {"azurerm_kubernetes_cluster": [cluster], "azurerm_monitor_diagnostic_setting": [setting]}}
		found := {finding.msg | some finding in aks_logging.deny} with input as {"resource": {}} with data.terraform_configuration as configuration
		found == expected
	}
}
