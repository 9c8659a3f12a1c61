package kpolicy.kubernetes.pod_security.restricted.volume_types_test

import data.kpolicy.kubernetes.pod_security.restricted.volume_types

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

volume(source) := {"volumes": [object.union({"name": "data"}, source)]}

test_denies_other_types if {
	every type in ["hostPath", "nfs", "gitRepo", "flexVolume", "someday"] {
		found := volume_types.deny with input as pod(volume({type: {}}))
		found == {{
			"msg": sprintf("volume data of Pod shop is of a type that is not allowed: %s", [type]),
			"path": ["spec", "volumes", 0],
		}}
	}
}

test_allows if {
	every given in [
		{},
		volume({}),
		volume({"emptyDir": {}}),
		volume({"image": {}}),
		volume({"csi": {}, "nfs": null}),
	] {
		found := volume_types.deny with input as pod(given)
		found == set()
	}
}
