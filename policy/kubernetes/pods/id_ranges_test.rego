package kpolicy.kubernetes.pods.id_ranges_test

import data.kpolicy.kubernetes.pods.id_ranges

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

faulty := object.union(spec({}), {"securityContext": {"fsGroup": 0}})

given := {"runAsUser": [{"min": 1000, "max": 1999}], "fsGroup": [{"min": 1, "max": 9}]}

test_denies if {
	found := id_ranges.deny with input as pod(faulty)
		with data.params.pods.id_ranges.ranges as given
	found == {
		{
			"msg": "container web of Pod shop has runAsUser null, which is out of the allowed ranges",
			"path": ["spec", "containers", 0, "securityContext", "runAsUser"],
		},
		{
			"msg": "Pod shop has fsGroup 0, which is out of the allowed ranges",
			"path": ["spec", "securityContext", "fsGroup"],
		},
	}
}

test_allows if {
	every spec_ in [{}, spec({"runAsUser": 1000}), object.union(spec({"runAsUser": 1999}), {"securityContext": {"fsGroup": 5}})] {
		found := id_ranges.deny with input as pod(spec_)
			with data.params.pods.id_ranges.ranges as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := id_ranges.deny with input as pod(faulty)
	found == set()
}
