# METADATA
# title: A firewall lets everybody in
# description: |
#   A rule whose source is 0.0.0.0/0 or ::/0 offers the port to the whole internet. The ports of allowed_ports
#   may be open.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_firewall
# custom:
#   severity: critical
#   remediation: Name the networks that need it in source_ranges.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
#   parameters:
#     allowed_ports:
#       type: array of integers
#       default: [80, 443]
#       description: The ports that everybody may reach.
package kpolicy.terraform.google.open_firewall

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape
import data.kpolicy.lib.terraform

allowed_ports := kubernetes.parameter("google", "open_firewall", "allowed_ports", [80, 443])

deny contains {"msg": msg, "path": array.concat(firewall.path, ["source_ranges"])} if {
	some firewall in terraform.of_type("google_compute_firewall")
	object.get(firewall.block, "direction", "INGRESS") == "INGRESS"
	not terraform.on(firewall.block, "disabled")
	terraform.open_field(firewall.block, ["source_ranges"])
	open := {ports | some allow in terraform.blocks(firewall, "allow"); some ports in open_ports(allow.block)}
	count(open) > 0
	msg := sprintf("%s lets everybody in on %s", [firewall.name, concat(", ", sort(open))])
}

# Without ports a protocol is open whole; one without ports of its own, such as ICMP, offers none.
open_ports(block) := {"every port"} if {
	terraform.absent(block, "ports")
	lower(shape.text_at(block, ["protocol"])) in {"tcp", "udp", "all", "sctp", "6", "17"}
}

open_ports(block) := {sprintf("port %v", [ports]) |
	some ports in terraform.items(block, "ports")
	ends := split(sprintf("%v", [ports]), "-")
	terraform.beyond(ends[0], ends[count(ends) - 1], allowed_ports)
} if {
	not terraform.absent(block, "ports")
}
