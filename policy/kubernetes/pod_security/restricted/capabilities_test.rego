package kpolicy.kubernetes.pod_security.restricted.capabilities_test

import data.kpolicy.kubernetes.pod_security.restricted.capabilities

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(capabilities_) := {"containers": [{"name": "web", "securityContext": {"capabilities": capabilities_}}]}

path := ["spec", "containers", 0, "securityContext", "capabilities"]

test_denies_what_is_kept if {
	every given in [null, {}, {"drop": []}, {"drop": ["all", "NET_RAW"]}, {"drop": "ALL"}] {
		found := capabilities.deny with input as pod(spec(given))
		found == {{"msg": "container web of Pod shop does not drop ALL capabilities", "path": array.concat(path, ["drop"])}}
	}
}

test_denies_what_is_added if {
	found := capabilities.deny with input as pod(spec({"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN"]}))
	found == {{"msg": "container web of Pod shop adds the capability CHOWN", "path": array.concat(path, ["add", 1])}}
}

test_allows if {
	every given in [
		{},
		spec({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
		object.union(spec({}), {"os": {"name": "windows"}}),
	] {
		found := capabilities.deny with input as pod(given)
		found == set()
	}
}

test_allows_what_a_pod_for_windows_adds if {
	found := capabilities.deny with input as pod(object.union(spec({"add": ["CHOWN"]}), {"os": {"name": "windows"}}))
	found == set()
}
