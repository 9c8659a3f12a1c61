# METADATA
# title: A security group lets everybody in
# description: |
#   A rule that admits 0.0.0.0/0 or ::/0 offers the port to the whole internet. The ports of allowed_ports may
#   be open: a web server has to be.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
# custom:
#   severity: critical
#   remediation: Name the networks that need it in cidr_blocks, or take another security group as source.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
#   parameters:
#     allowed_ports:
#       type: array of integers
#       default: [80, 443]
#       description: The ports that everybody may reach.
package kpolicy.terraform.aws.open_security_group

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.terraform

allowed_ports := kubernetes.parameter("aws", "open_security_group", "allowed_ports", [80, 443])

deny contains {"msg": msg, "path": array.concat(rule.path, [field])} if {
	some rule in rules
	field := terraform.open_field(rule.block, ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"])
	beyond(rule.block)
	msg := sprintf("%s lets everybody in on %s", [rule.name, ports(rule.block)])
}

# What admits traffic: blocks of a group, and rules that stand by themselves.
rules contains {"name": group.name, "block": ingress.block, "path": ingress.path} if {
	some type in {"aws_security_group", "aws_default_security_group"}
	some group in terraform.of_type(type)
	some ingress in terraform.blocks(group, "ingress")
}

rules contains rule if {
	some rule in terraform.of_type("aws_security_group_rule")
	rule.block.type == "ingress"
}

rules contains rule if some rule in terraform.of_type("aws_vpc_security_group_ingress_rule")

beyond(block) if terraform.beyond(block.from_port, block.to_port, allowed_ports)

beyond(block) if protocol(block) in {"-1", "all"}

protocol(block) := sprintf("%v", [object.get(block, "protocol", object.get(block, "ip_protocol", ""))])

ports(block) := "every port" if protocol(block) in {"-1", "all"}

ports(block) := sprintf("port %v", [block.from_port]) if {
	not protocol(block) in {"-1", "all"}
	block.from_port == block.to_port
}

ports(block) := sprintf("ports %v to %v", [block.from_port, block.to_port]) if {
	not protocol(block) in {"-1", "all"}
	block.from_port != block.to_port
}
