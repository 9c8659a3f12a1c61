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

test_denies_what_is_above_a_range if {
	found := id_ranges.deny with input as pod(spec({"runAsUser": 2000})) with data.params.pods.id_ranges.ranges as given
	found == {{
		"msg": "container web of Pod shop has runAsUser 2000, which is out of the allowed ranges",
		"path": ["spec", "containers", 0, "securityContext", "runAsUser"],
	}}
}

test_groups_that_a_pod_adds_count_where_they_have_a_range if {
	adding := pod({"securityContext": {"supplementalGroups": [1000, 0]}})
	found := id_ranges.deny with input as adding
		with data.params.pods.id_ranges.ranges as {"supplementalGroups": [{"min": 1000, "max": 1999}]}
	found == {{
		"msg": "Pod shop adds the group 0, which is out of the allowed ranges",
		"path": ["spec", "securityContext", "supplementalGroups", 1],
	}}
	without_a_range := id_ranges.deny with input as adding with data.params.pods.id_ranges.ranges as given
	without_a_range == set()
}

test_a_range_without_a_lower_end_needs_a_user_too if {
	found := id_ranges.deny with input as pod(spec({}))
		with data.params.pods.id_ranges.ranges as {"runAsUser": [{"min": null, "max": 1999}]}
	{finding.msg | some finding in found} == {"container web of Pod shop has runAsUser null, which is out of the allowed ranges"}
}
