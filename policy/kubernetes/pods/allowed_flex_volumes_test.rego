package kpolicy.kubernetes.pods.allowed_flex_volumes_test

import data.kpolicy.kubernetes.pods.allowed_flex_volumes

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

faulty := {"volumes": [{"name": "data", "flexVolume": {"driver": "example/cifs"}}]}

given := ["example/lvm"]

test_denies if {
	found := allowed_flex_volumes.deny with input as pod(faulty)
		with data.params.pods.allowed_flex_volumes.drivers as given
	found == {{
		"msg": "volume data of Pod shop uses the FlexVolume driver example/cifs, which is not allowed",
		"path": ["spec", "volumes", 0, "flexVolume", "driver"],
	}}
}

test_allows if {
	every spec_ in [{}, {"volumes": [{"name": "data", "flexVolume": {"driver": "example/lvm"}}]}] {
		found := allowed_flex_volumes.deny with input as pod(spec_)
			with data.params.pods.allowed_flex_volumes.drivers as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_flex_volumes.deny with input as pod(faulty)
	found == set()
}

test_other_volumes_have_no_driver if {
	found := allowed_flex_volumes.deny with input as pod({"volumes": [{"name": "settings", "configMap": {"name": "web"}}]})
		with data.params.pods.allowed_flex_volumes.drivers as given
	found == set()
}
