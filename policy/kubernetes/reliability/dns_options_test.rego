package kpolicy.kubernetes.reliability.dns_options_test

import data.kpolicy.kubernetes.reliability.dns_options

pod(spec) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": object.union({"containers": []}, spec)}

options(value) := {"dnsConfig": {"options": [{"name": "ndots", "value": value}]}}

test_denies_the_default_and_high_values if {
	every spec in [{}, options("5")] {
		found := dns_options.deny with input as pod(spec)
		found == {{"msg": "the pods of Pod web have no low ndots among their DNS options", "path": ["spec", "dnsConfig", "options"]}}
	}
}

test_allows_low_values_and_other_policies if {
	every spec in [options("2"), {"dnsPolicy": "Default"}] {
		found := dns_options.deny with input as pod(spec)
		found == set()
	}
}

test_other_options_do_not_count if {
	found := dns_options.deny with input as pod({"dnsConfig": {"options": [{"name": "timeout", "value": "2"}]}})
	found == {{"msg": "the pods of Pod web have no low ndots among their DNS options", "path": ["spec", "dnsConfig", "options"]}}
}
