package kpolicy.kubernetes.network.external_ips_test

import data.kpolicy.kubernetes.network.external_ips

service(addresses) := {"kind": "Service", "metadata": {"name": "web"}, "spec": {"externalIPs": addresses}}

test_denies_each_address if {
	found := external_ips.deny with input as service(["203.0.113.1", "203.0.113.2"])
		with data.params.network.external_ips.allowed as ["203.0.113.1"]
	found == {{
		"msg": "Service web takes the external address 203.0.113.2 for itself",
		"path": ["spec", "externalIPs", 1],
	}}
}

test_allows_a_service_without if {
	every addresses in [[], null] {
		found := external_ips.deny with input as service(addresses)
		found == set()
	}
}

test_leaves_other_kinds_alone if {
	found := external_ips.deny with input as object.union(service(["203.0.113.1"]), {"apiVersion": "example.com/v1", "kind": "Proxy"})
	found == set()
}
