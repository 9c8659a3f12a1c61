package kpolicy.kubernetes.secrets.config_map_test

import data.kpolicy.kubernetes.secrets.config_map as policy

config_map(values) := {"kind": "ConfigMap", "metadata": {"name": "web"}, "data": values}

test_denies_secrets if {
	every values, what in {
		{"x": "-----BEGIN EC PRIVATE KEY-----\nMHc"}: "a private key",
		{"x": "url = redis://me:hunter2@cache"}: "an address with a password",
	} {
		found := policy.deny with input as config_map(values)
		found == {{"msg": sprintf("ConfigMap web has %s in x", [what]), "path": ["data", "x"]}}
	}
	by_key := policy.deny with input as config_map({"db.password": "hunter2"})
	by_key == {{"msg": "ConfigMap web has a secret in db.password", "path": ["data", "db.password"]}}
}

test_allows_settings if {
	every values in [{"level": "debug"}, {"db.password.file": "/run/db"}, {"token": ""}, null, "x", {"x": 3}] {
		found := policy.deny with input as config_map(values)
		found == set()
	}
}

test_a_value_is_named_by_its_looks_first if {
	found := policy.deny with input as config_map({"access_key": "AKIAIOSFODNN7EXAMPLE"})
	found == {{"msg": "ConfigMap web has an AWS access key in access_key", "path": ["data", "access_key"]}}
}

test_a_secret_may_hold_secrets if {
	found := policy.deny with input as object.union(config_map({"db.password": "aHVudGVyMg=="}), {"kind": "Secret"})
	found == set()
}
