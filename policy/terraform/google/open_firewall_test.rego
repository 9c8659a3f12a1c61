package kpolicy.terraform.google.open_firewall_test

import data.kpolicy.terraform.google.open_firewall

resource(block) := {"resource": {"google_compute_firewall": {"x": [block]}}}

path := ["resource", "google_compute_firewall", "x", 0]

firewall(allow, source) := {"allow": [allow], "source_ranges": [source]}

test_denies_ports_for_everybody if {
	found := open_firewall.deny with input as resource(firewall({"protocol": "tcp", "ports": ["22", "443"]}, "0.0.0.0/0"))
	place := array.concat(path, ["source_ranges"])
	found == {{"msg": "google_compute_firewall.x lets everybody in on port 22", "path": place}}
	whole := {finding.msg | some finding in open_firewall.deny} with input as resource(firewall({"protocol": "all"}, "::/0"))
	whole == {"google_compute_firewall.x lets everybody in on every port"}
}

test_allows_web_ports_narrow_networks_and_pings if {
	every block in [
		firewall({"protocol": "tcp", "ports": ["80", 443]}, "0.0.0.0/0"),
		firewall({"protocol": "tcp", "ports": ["22"]}, "10.0.0.0/8"),
		firewall({"protocol": "icmp"}, "0.0.0.0/0"),
		object.union(firewall({"protocol": "tcp"}, "0.0.0.0/0"), {"direction": "EGRESS"}),
		object.union(firewall({"protocol": "tcp"}, "0.0.0.0/0"), {"disabled": true}),
	] {
		found := open_firewall.deny with input as resource(block)
		found == set()
	}
}
