package kpolicy.docker.secrets.in_env_test

import data.kpolicy.docker.secrets.in_env

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_values if {
	env := in_env.deny with input as [instruction("env", ["DB_PASSWORD", "hunter2", "="])]
	env == {{"msg": "ENV DB_PASSWORD holds what looks like a secret", "path": [0, "Value", 0]}}
	arg := in_env.deny with input as [instruction("arg", ["NPM_TOKEN=abc"])]
	arg == {{"msg": "ARG NPM_TOKEN holds what looks like a secret", "path": [0, "Value", 0]}}
}

test_allows_names_without_a_value_and_harmless_ones if {
	every text in ["NPM_TOKEN", "NPM_TOKEN=", "TOKEN_FILE=x", "API_KEY=${X}", "SECRET_PATH=/run", "KEYBOARD=de", "TOKENIZER=x"] {
		found := in_env.deny with input as [instruction("arg", [text])]
		found == set()
	}
}

test_allows_paths_and_placeholders if {
	every text in ["NPM_TOKEN=/run/secrets/npm", "DB_PASSWORD=changeme", "API_KEY=your-key"] {
		found := in_env.deny with input as [instruction("arg", [text])]
		found == set()
	}
}
