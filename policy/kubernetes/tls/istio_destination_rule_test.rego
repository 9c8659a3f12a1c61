package kpolicy.kubernetes.tls.istio_destination_rule_test

import data.kpolicy.kubernetes.tls.istio_destination_rule

rule(spec) := {"kind": "DestinationRule", "metadata": {"name": "db"}, "spec": object.union({"host": "db"}, spec)}

off := {"tls": {"mode": "DISABLE"}}

test_denies_plain_text_wherever_it_is_said if {
	cases := [
		[{"trafficPolicy": off}, ["spec", "trafficPolicy", "tls", "mode"]],
		[{"trafficPolicy": {"portLevelSettings": [off]}}, ["spec", "trafficPolicy", "portLevelSettings", 0, "tls", "mode"]],
		[{"subsets": [{"trafficPolicy": off}]}, ["spec", "subsets", 0, "trafficPolicy", "tls", "mode"]],
	]
	every case in cases {
		found := istio_destination_rule.deny with input as rule(case[0])
		found == {{"msg": "DestinationRule db sends plain text to db", "path": case[1]}}
	}
}

test_denies_what_is_not_verified if {
	found := istio_destination_rule.deny with input as rule({"trafficPolicy": {"tls": {"mode": "SIMPLE", "insecureSkipVerify": true}}})
	path := ["spec", "trafficPolicy", "tls", "insecureSkipVerify"]
	found == {{"msg": "DestinationRule db does not verify whom it speaks to", "path": path}}
}

test_allows_encryption if {
	every spec in [{"trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}, {}, {"trafficPolicy": null}] {
		found := istio_destination_rule.deny with input as rule(spec)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	every tls in [{"mode": "DISABLE"}, {"insecureSkipVerify": true}] {
		other := {"apiVersion": "example.com/v1", "kind": "Upstream"}
		found := istio_destination_rule.deny with input as object.union(rule({"trafficPolicy": {"tls": tls}}), other)
		found == set()
	}
}
