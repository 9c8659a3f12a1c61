# METADATA
# title: A network security rule lets everybody in
# description: |
#   A rule that allows inbound traffic from *, Internet or 0.0.0.0/0 offers the port to the whole internet. The
#   ports of allowed_ports may be open.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/network_security_rule
# custom:
#   severity: critical
#   remediation: Name the networks that need it in source_address_prefix.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
#   parameters:
#     allowed_ports:
#       type: array of integers
#       default: [80, 443]
#       description: The ports that everybody may reach.
package kpolicy.terraform.azure.open_network_rule

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape
import data.kpolicy.lib.terraform

allowed_ports := kubernetes.parameter("azure", "open_network_rule", "allowed_ports", [80, 443])

deny contains {"msg": msg, "path": array.concat(rule.path, [field])} if {
	some rule in rules
	lower(shape.text_at(rule.block, ["direction"])) == "inbound"
	lower(shape.text_at(rule.block, ["access"])) == "allow"
	field := terraform.open_field(rule.block, ["source_address_prefix", "source_address_prefixes"])
	open := {ports | some ports in ports_of(rule.block); beyond(ports)}
	count(open) > 0
	msg := sprintf("%s lets everybody in on port %s", [rule.name, concat(", ", sort(open))])
}

rules contains rule if some rule in terraform.of_type("azurerm_network_security_rule")

rules contains {"name": group.name, "block": rule.block, "path": rule.path} if {
	some group in terraform.of_type("azurerm_network_security_group")
	some rule in terraform.blocks(group, "security_rule")
}

ports_of(block) := {sprintf("%v", [ports]) |
	some field in ["destination_port_range", "destination_port_ranges"]
	some ports in terraform.items(block, field)
}

beyond("*")

beyond(ports) if {
	ends := split(ports, "-")
	terraform.beyond(ends[0], ends[count(ends) - 1], allowed_ports)
}
