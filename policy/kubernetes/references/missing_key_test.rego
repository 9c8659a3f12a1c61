package kpolicy.kubernetes.references.missing_key_test

import data.kpolicy.kubernetes.references.missing_key

pod(reference) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{
	"name": "web",
	"env": [{"name": "A", "valueFrom": {"secretKeyRef": reference}}],
}]}}

objects(secret) := {"Secret": {"default": {"db": [{"object": secret}]}}}

test_denies_a_key_that_is_not_there if {
	found := missing_key.deny with input as pod({"name": "db", "key": "pasword"})
		with data.inventory.objects as objects({"stringData": {"password": "x"}})
	found == {{
		"msg": "Pod web asks for the key pasword, which Secret db lacks",
		"path": ["spec", "containers", 0, "env", 0, "valueFrom", "secretKeyRef", "key"],
	}}
}

test_denies_a_key_of_a_volume if {
	volume := {"name": "v", "secret": {"secretName": "db", "items": [{"key": "b", "path": "b"}]}}
	found := missing_key.deny with input as {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [], "volumes": [volume]}}
		with data.inventory.objects as objects({"data": {"a": ""}})
	{finding.path | some finding in found} == {["spec", "volumes", 0, "secret", "items", 0, "key"]}
}

test_allows_what_is_there_optional_or_filled_by_others if {
	every case in [
		[{"name": "db", "key": "password"}, {"data": {"password": "x"}}],
		[{"name": "db", "key": "other", "optional": true}, {"data": {"password": "x"}}],
		[{"name": "db", "key": "other"}, {"data": {}}],
		[{"name": "unknown", "key": "other"}, {"data": {"password": "x"}}],
	] {
		found := missing_key.deny with input as pod(case[0]) with data.inventory.objects as objects(case[1])
		found == set()
	}
}
