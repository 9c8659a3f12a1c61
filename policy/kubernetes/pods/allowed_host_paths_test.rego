package kpolicy.kubernetes.pods.allowed_host_paths_test

import data.kpolicy.kubernetes.pods.allowed_host_paths

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

path := ["spec", "volumes", 0, "hostPath", "path"]

spec(host_path, read_only) := {
	"volumes": [{"name": "v", "hostPath": {"path": host_path}}],
	"containers": [{"name": "web", "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": read_only}]}],
}

given := [{"prefix": "/var/log", "read_only": true}, {"prefix": "/data/"}]

test_denies if {
	found := allowed_host_paths.deny with input as pod(spec("/var/logs", true))
		with data.params.pods.allowed_host_paths.paths as given
	found == {{"msg": "volume v of Pod shop is the path /var/logs of the node, which is not allowed", "path": path}}
}

test_allows if {
	every spec_ in [spec("/var/log", true), spec("/var/log/pods", true), spec("/data", false)] {
		found := allowed_host_paths.deny with input as pod(spec_)
			with data.params.pods.allowed_host_paths.paths as given
		found == set()
	}
}

test_is_quiet_without_the_parameter if {
	found := allowed_host_paths.deny with input as pod(spec("/var/logs", true))
	found == set()
}

test_denies_writing_and_leaving if {
	every spec_ in [spec("/var/log", false), spec("/data/../etc", true), spec("/", true)] {
		found := allowed_host_paths.deny with input as pod(spec_)
			with data.params.pods.allowed_host_paths.paths as given
		{result.path | some result in found} == {path}
	}
}

test_other_volumes_are_not_judged if {
	found := allowed_host_paths.deny with input as pod({"volumes": [{"name": "tmp", "emptyDir": {}}]})
		with data.params.pods.allowed_host_paths.paths as given
	found == set()
}

test_writing_to_another_volume_does_not_count if {
	mounts := [{"name": "v", "readOnly": true}, {"name": "tmp", "readOnly": false}]
	found := allowed_host_paths.deny with input as pod({
		"volumes": [{"name": "v", "hostPath": {"path": "/var/log"}}, {"name": "tmp", "emptyDir": {}}],
		"containers": [{"name": "web", "volumeMounts": mounts}],
	})
		with data.params.pods.allowed_host_paths.paths as given
	found == set()
}
