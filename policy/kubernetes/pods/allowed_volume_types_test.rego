package kpolicy.kubernetes.pods.allowed_volume_types_test

import data.kpolicy.kubernetes.pods.allowed_volume_types

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

faulty := {"volumes": [{"name": "data", "nfs": {}}, {"name": "tmp"}]}

given := ["emptyDir", "secret"]

test_denies if {
	found := allowed_volume_types.deny with input as pod(faulty)
		with data.params.pods.allowed_volume_types.types as given
	found == {{"msg": "volume data of Pod shop is of the type nfs, which is not allowed", "path": ["spec", "volumes", 0, "nfs"]}}
}

test_allows if {
	every spec_ in [{}, {"volumes": [{"name": "tmp", "emptyDir": {}}]}] {
		found := allowed_volume_types.deny with input as pod(spec_)
			with data.params.pods.allowed_volume_types.types as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_volume_types.deny with input as pod(faulty)
	found == set()
}

test_a_star_allows_all if {
	found := allowed_volume_types.deny with input as pod(faulty) with data.params.pods.allowed_volume_types.types as ["*"]
	found == set()
}
