package kpolicy.terraform.aws.open_security_group_test

import data.kpolicy.terraform.aws.open_security_group

resource(block) := {"resource": {"aws_security_group": {"x": [block]}}}

path := ["resource", "aws_security_group", "x", 0]

rule(from, to, cidr) := {"from_port": from, "to_port": to, "protocol": "tcp", "cidr_blocks": [cidr]}

test_denies_a_port_for_everybody if {
	found := open_security_group.deny with input as resource({"ingress": [rule(22, 22, "0.0.0.0/0")]})
	place := array.concat(path, ["ingress", 0, "cidr_blocks"])
	found == {{"msg": "aws_security_group.x lets everybody in on port 22", "path": place}}
}

test_denies_rules_that_stand_by_themselves if {
	every_protocol := {"type": "ingress", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["::/0"]}
	alone := {"resource": {"aws_security_group_rule": {"x": [every_protocol]}}}
	found := {finding.msg | some finding in open_security_group.deny} with input as alone
	found == {"aws_security_group_rule.x lets everybody in on every port"}
	whole := {"ip_protocol": "-1", "cidr_ipv6": "::/0"}
	every_port := {finding.msg | some finding in open_security_group.deny} with input as {"resource": {"aws_vpc_security_group_ingress_rule": {"x": [whole]}}}
	every_port == {"aws_vpc_security_group_ingress_rule.x lets everybody in on every port"}
	newer := {"resource": {"aws_vpc_security_group_ingress_rule": {"x": [{"ip_protocol": "tcp", "from_port": 0, "to_port": 90, "cidr_ipv4": "0.0.0.0/0"}]}}}
	ranges := {finding.msg | some finding in open_security_group.deny} with input as newer
	ranges == {"aws_vpc_security_group_ingress_rule.x lets everybody in on ports 0 to 90"}
}

test_allows_web_ports_narrow_networks_and_egress if {
	block := {"ingress": [rule(443, 443, "0.0.0.0/0"), rule(22, 22, "10.0.0.0/8")], "egress": [rule(0, 0, "0.0.0.0/0")]}
	found := open_security_group.deny with input as resource(block)
	found == set()
	wide := open_security_group.deny with input as resource({"ingress": [rule(22, 22, "0.0.0.0/0")]})
		with data.params.aws.open_security_group.allowed_ports as [22]
	wide == set()
}

test_every_protocol_is_every_port_whatever_the_ports_say if {
	rule_ := object.union(rule(0, 65535, "0.0.0.0/0"), {"type": "ingress", "protocol": "-1"})
	found := {finding.msg | some finding in open_security_group.deny} with input as {"resource": {"aws_security_group_rule": {"x": [rule_]}}}
	found == {"aws_security_group_rule.x lets everybody in on every port"}
}

test_allows_a_rule_of_egress_that_stands_by_itself if {
	rule_ := object.union(rule(0, 65535, "0.0.0.0/0"), {"type": "egress"})
	found := open_security_group.deny with input as {"resource": {"aws_security_group_rule": {"x": [rule_]}}}
	found == set()
}
