# METADATA
# title: Values that look secret
# description: |
#   Names and values by which a secret is known. A name counts by its end: DB_PASSWORD is one, PASSWORD_FILE and
#   TOKEN_TTL are not.
package kpolicy.lib.secrets

# Whether a name says that its value is secret.
is_name(name) if {
	is_string(name)
	regex.match(pattern_of_names, lower(in_parts(name)))
	not lower(name) in names_of_no_secret
}

# A name in camel case with its parts apart: dbPassword as db_Password.
in_parts(name) := regex.replace(name, `([a-z0-9])([A-Z])`, "${1}_${2}")

# Names of clusters that look like those of tokens.
names_of_no_secret := {"etcd_initial_cluster_token"}

pattern_of_names := concat("", [
	`((^|[_.-])(pass|pwd|passphrase|secret|secret[_.-]?key|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|`,
	`encryption[_.-]?key|signing[_.-]?key|jwt[_.-]?key|master[_.-]?key|key[_.-]?base|credentials)|`,
	`(^|[_.-])(pg|db|root|user|admin|redis|mysql|postgres|smtp|rabbitmq)?(password|passwd))[0-9]*$`,
])

# Whether a value can be a secret in the open: no reference, path, switch, or text of several words.
is_literal(value) if {
	is_string(value)
	value != ""
	not regex.match(`^(\$|/|\./|<|\{\{)|\s|^[a-z0-9+.-]+:`, value)
	not is_placeholder(value)
	not lower(value) in {"true", "false", "yes", "no", "on", "off", "0", "1", "none", "null", "disabled", "enabled"}
}

# Whether a value stands where a secret is to be put.
is_placeholder(value) if regex.match(pattern_of_placeholders, lower(value))

pattern_of_placeholders := concat("", [
	`^(x{3,}|\*+|\.{3,}|(please[_-]?)?change[_-]?(me|it|this).*|replace[_-]?(me|it|this|with).*|`,
	`(.*[_-])?place[_-]?holder|to[_-]?do|tbd|fixme|your[_-].*|insert[_-].*|dummy|redacted|example)$`,
])

# What a value is by its own looks, whatever its name.
kind_of(value) := kind if {
	is_string(value)
	kinds := [kind | some [kind, pattern] in looks; regex.match(pattern, value)]
	kind := kinds[0]
}

looks := [
	["a private key", `-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]`],
	["an AWS access key", `(^|[^A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}([^A-Za-z0-9]|$)`],
	["a GitHub token", `(^|[^A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})([^A-Za-z0-9]|$)`],
	["a GitLab token", `(^|[^A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}`],
	["a Slack token", `(^|[^A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{10,}`],
	["an address with a password", `[a-z][a-z0-9+.-]*://[^/\s:@$(){}<>]+:[^/\s:@$(){}<>]+@[A-Za-z0-9]`],
]
