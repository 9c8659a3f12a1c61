package kpolicy.kubernetes.reliability.host_aliases_test

import data.kpolicy.kubernetes.reliability.host_aliases

pod(aliases) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostAliases": aliases}}

test_denies_aliases if {
	found := host_aliases.deny with input as pod([{"ip": "10.0.0.1", "hostnames": ["db"]}])
	found == {{"msg": "Pod web has hostAliases", "path": ["spec", "hostAliases"]}}
}

test_allows_none if {
	every aliases in [[], null] {
		found := host_aliases.deny with input as pod(aliases)
		found == set()
	}
}
