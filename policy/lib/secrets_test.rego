package kpolicy.lib.secrets_test

import data.kpolicy.lib.secrets

test_names if {
	every name in ["PASSWORD", "DB_PASSWORD", "db-password", "GITHUB_TOKEN", "API_KEY", "apikey", "aws.secret.key", "TOKEN2", "DB_PASS", "PGPASSWORD", "dbPassword", "SECRET_KEY_BASE", "ENCRYPTION_KEY", "JWT_SIGNING_KEY", "MYSQL_PWD"] {
		secrets.is_name(name)
	}
	every name in ["PASSWORD_FILE", "TOKEN_TTL", "SECRET_NAME", "AWS_ACCESS_KEY_ID", "MONKEY", "TOKENS_PER_SECOND", "COMPASSPHRASE", "BYPASS", "COMPASS", "publicKey", "primaryKey", "ETCD_INITIAL_CLUSTER_TOKEN"] {
		not secrets.is_name(name)
	}
}

test_literals if {
	every value in ["hunter2", "a.b-c", "Zm9vYmFy=="] {
		secrets.is_literal(value)
	}
	every value in ["", "$(OTHER)", "${OTHER}", "/run/secrets/db", "./file", "true", "YES", "<fill in>", "{{ x }}", "vault:db#key", "two words", "changeme", "CHANGE_ME", "xxxxx", "your-password", "<x>", 3, null] {
		not secrets.is_literal(value)
	}
}

test_values_by_their_looks if {
	secrets.kind_of("-----BEGIN RSA PRIVATE KEY-----\nMIIE") == "a private key"
	secrets.kind_of("key=AKIAIOSFODNN7EXAMPLE") == "an AWS access key"
	secrets.kind_of("postgres://shop:hunter2@db/shop") == "an address with a password"
	every value in [
		"postgres://db/shop",
		"postgres://$(USER):$(PASSWORD)@db/shop",
		"https://host:8080/a@b",
		"-----BEGIN CERTIFICATE-----\nMIIE",
		"-----BEGIN PRIVATE KEY-----",
		3,
		null,
	] {
		not secrets.kind_of(value)
	}
}
