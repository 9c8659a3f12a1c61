# METADATA
# title: A secret stands in an environment variable
# description: |
#   Whoever may read the manifest, the repository or the pod has it. A variable counts whose name ends in password, token,
#   secret, API key and the like and has a value of its own, and any value that is a key or an address with a password by
#   its looks.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
#   - https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: high
#   remediation: Change the secret, put it into a Secret or a secret manager, and refer to it by valueFrom.secretKeyRef or a volume.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.secrets.env_value

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.secrets
import data.kpolicy.lib.shape

# The value is not shown: the report may be read by more people than the manifest.
deny contains {"msg": msg, "path": array.concat(entry.path, ["env", index, "value"])} if {
	some entry in kubernetes.containers
	some index, variable in shape.list_at(entry.container, ["env"])
	what := secret_in(variable)
	container := kubernetes.container_name(entry.container)
	msg := sprintf("container %s has %s in its environment variable %v", [container, what, variable.name])
}

secret_in(variable) := kind if kind := secrets.kind_of(variable.value)

secret_in(variable) := "a secret" if {
	not secrets.kind_of(variable.value)
	secrets.is_name(variable.name)
	secrets.is_literal(variable.value)

	# A value that names the variable is a place for one, such as INSERT_DB_PASSWORD.
	not contains(variable.value, variable.name)
}
