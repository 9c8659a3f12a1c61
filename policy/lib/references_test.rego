package kpolicy.lib.references_test

import data.kpolicy.lib.references

pod := {"spec": {
	"serviceAccountName": "web",
	"volumes": [
		{"configMap": {"name": "a"}},
		{"secret": {"secretName": "b"}},
		{"persistentVolumeClaim": {"claimName": "c"}},
		{"projected": {"sources": [{"configMap": {"name": "d"}}, {"secret": {"name": "e", "optional": true}}]}},
		{"emptyDir": {}},
		null,
	],
	"initContainers": [{"env": [{"valueFrom": {"configMapKeyRef": {"name": "f"}}}]}],
	"containers": [
		{"env": [{"valueFrom": {"secretKeyRef": {"name": "g"}}}, {"value": "x"}]},
		{"envFrom": [{"configMapRef": {"name": "h"}}, {"secretRef": {"name": "i"}}, {"secretRef": null}]},
	],
}}

test_every_reference_with_its_path if {
	{[reference.kind, reference.name, reference.path] | some reference in references.of_pod(pod)} == {
		["ServiceAccount", "web", ["spec", "serviceAccountName"]],
		["ConfigMap", "a", ["spec", "volumes", 0, "configMap", "name"]],
		["Secret", "b", ["spec", "volumes", 1, "secret", "secretName"]],
		["PersistentVolumeClaim", "c", ["spec", "volumes", 2, "persistentVolumeClaim", "claimName"]],
		["ConfigMap", "d", ["spec", "volumes", 3, "projected", "sources", 0, "configMap", "name"]],
		["ConfigMap", "f", ["spec", "initContainers", 0, "env", 0, "valueFrom", "configMapKeyRef", "name"]],
		["Secret", "g", ["spec", "containers", 0, "env", 0, "valueFrom", "secretKeyRef", "name"]],
		["ConfigMap", "h", ["spec", "containers", 1, "envFrom", 0, "configMapRef", "name"]],
		["Secret", "i", ["spec", "containers", 1, "envFrom", 1, "secretRef", "name"]],
	}
}

test_odd_pods_have_none if {
	every odd in [null, {}, {"spec": "x"}, {"spec": {"volumes": {}, "containers": [null]}}] {
		references.of_pod(odd) == set()
	}
}

test_keys_that_a_pod_cannot_do_without if {
	env := [{"name": "V", "valueFrom": {"configMapKeyRef": reference}} |
		some reference in [
			{"name": "a", "key": "k"},
			{"name": "a", "key": "k", "optional": true},
			{"name": "a", "key": 1},
			{"name": "a"},
			{"key": "k"},
		]
	]
	volume := {"secret": {"secretName": "b", "items": [{"key": "l", "path": "p"}, {"path": "p"}, null]}}
	references.keys_of({"spec": {"containers": [{"env": env}], "volumes": [volume]}}) == [
		{"kind": "ConfigMap", "name": "a", "key": "k", "path": ["spec", "containers", 0, "env", 0, "valueFrom", "configMapKeyRef", "key"]},
		{"kind": "Secret", "name": "b", "key": "l", "path": ["spec", "volumes", 0, "secret", "items", 0, "key"]},
	]
}
