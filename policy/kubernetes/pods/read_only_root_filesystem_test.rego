package kpolicy.kubernetes.pods.read_only_root_filesystem_test

import data.kpolicy.kubernetes.pods.read_only_root_filesystem

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

test_denies_all_but_true if {
	every context in [null, {}, {"readOnlyRootFilesystem": false}] {
		found := read_only_root_filesystem.deny with input as pod(spec(context))
		found == {{
			"msg": "container web of Pod shop may write to its root file system: readOnlyRootFilesystem is not true",
			"path": ["spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"],
		}}
	}
}

test_allows if {
	every given in [
		{},
		spec({"readOnlyRootFilesystem": true}),
		object.union(spec({}), {"os": {"name": "windows"}}),
	] {
		found := read_only_root_filesystem.deny with input as pod(given)
		found == set()
	}
}
