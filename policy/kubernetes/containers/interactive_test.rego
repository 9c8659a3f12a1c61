package kpolicy.kubernetes.containers.interactive_test

import data.kpolicy.kubernetes.containers.interactive

pod(container) := {"kind": "Pod", "spec": {"containers": [object.union({"name": "web"}, container)]}}

test_denies_stdin_and_tty if {
	found := interactive.deny with input as pod({"stdin": true, "tty": true})
	found == {
		{"msg": "container web has stdin", "path": ["spec", "containers", 0, "stdin"]},
		{"msg": "container web has tty", "path": ["spec", "containers", 0, "tty"]},
	}
}

test_allows_neither if {
	every container in [{}, {"stdin": false, "tty": null}] {
		found := interactive.deny with input as pod(container)
		found == set()
	}
}
