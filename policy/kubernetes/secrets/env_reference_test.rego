package kpolicy.kubernetes.secrets.env_reference_test

import data.kpolicy.kubernetes.secrets.env_reference

pod(container) := {"kind": "Pod", "spec": {"containers": [object.union({"name": "web"}, container)]}}

denial(path) := {
	"msg": "container web reads Secret db into its environment",
	"path": array.concat(["spec", "containers", 0], path),
}

test_denies_both_ways if {
	found := env_reference.deny with input as pod({
		"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db"}}}],
		"envFrom": [{"secretRef": {"name": "db"}}],
	})
	found == {denial(["env", 0, "valueFrom", "secretKeyRef"]), denial(["envFrom", 0, "secretRef"])}
}

test_allows_other_sources if {
	found := env_reference.deny with input as pod({
		"env": [{"name": "A", "value": "b"}, null],
		"envFrom": [{"configMapRef": {"name": "web"}}],
	})
	found == set()
}
