package kpolicy.terraform.azure.open_network_rule_test

import data.kpolicy.terraform.azure.open_network_rule

resource(block) := {"resource": {"azurerm_network_security_rule": {"x": [block]}}}

path := ["resource", "azurerm_network_security_rule", "x", 0]

rule(ports, source) := {"direction": "Inbound", "access": "Allow", "destination_port_range": ports, "source_address_prefix": source}

test_denies_ports_for_everybody if {
	every ports in ["22", "20-30", "*"] {
		found := open_network_rule.deny with input as resource(rule(ports, "*"))
		msg := sprintf("azurerm_network_security_rule.x lets everybody in on port %s", [ports])
		found == {{"msg": msg, "path": array.concat(path, ["source_address_prefix"])}}
	}
}

test_denies_a_rule_within_a_group if {
	group := {"resource": {"azurerm_network_security_group": {"x": [{"security_rule": [rule("3389", "Internet")]}]}}}
	found := {finding.msg | some finding in open_network_rule.deny} with input as group
	found == {"azurerm_network_security_group.x lets everybody in on port 3389"}
}

test_allows_web_ports_narrow_networks_and_denials if {
	every block in [rule("443", "*"), rule("22", "10.0.0.0/8"), object.union(rule("22", "*"), {"access": "Deny"}), object.union(rule("22", "*"), {"direction": "Outbound"})] {
		found := open_network_rule.deny with input as resource(block)
		found == set()
	}
}
