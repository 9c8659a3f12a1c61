package kpolicy.kubernetes.secrets.env_value_test

import data.kpolicy.kubernetes.secrets.env_value

pod(variable) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "env": [variable]}]}}

denial(what, name) := {
	"msg": sprintf("container web has %s in its environment variable %s", [what, name]),
	"path": ["spec", "containers", 0, "env", 0, "value"],
}

test_denies_a_secret_by_its_name if {
	found := env_value.deny with input as pod({"name": "DB_PASSWORD", "value": "hunter2"})
	found == {denial("a secret", "DB_PASSWORD")}
}

test_denies_a_secret_by_its_looks if {
	found := env_value.deny with input as pod({"name": "DATABASE", "value": "postgres://shop:hunter2@db/shop"})
	found == {denial("an address with a password", "DATABASE")}
}

test_allows_references_and_other_variables if {
	every variable in [
		{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
		{"name": "DB_PASSWORD", "value": ""},
		{"name": "DB_PASSWORD", "value": "INSERT_DB_PASSWORD"},
		{"name": "DB_PASSWORD", "value": "$(OTHER)"},
		{"name": "DB_PASSWORD_FILE", "value": "/run/secrets/db"},
		{"name": "MYSQL_ALLOW_EMPTY_PASSWORD", "value": "yes"},
		{"name": 3, "value": "x"},
		null,
	] {
		found := env_value.deny with input as pod(variable)
		found == set()
	}
}

test_a_value_is_named_by_its_looks_first if {
	found := env_value.deny with input as pod({"name": "AWS_ACCESS_KEY", "value": "AKIAIOSFODNN7EXAMPLE"})
	found == {denial("an AWS access key", "AWS_ACCESS_KEY")}
}

test_allows_a_place_for_a_secret if {
	found := env_value.deny with input as pod({"name": "DB_PASSWORD", "value": "__DB_PASSWORD__"})
	found == set()
}
