# METADATA
# title: A ConfigMap holds a secret
# description: |
#   ConfigMaps are read by many and encrypted by nobody. A value counts whose key ends in password, token, secret, API key
#   and the like, and any value that holds a private key, a token of a known form or an address with a password.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
#   - https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: high
#   remediation: Change the secret and put it into a Secret or a secret manager.
#   kinds: [ConfigMap]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.secrets.config_map

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.secrets
import data.kpolicy.lib.shape

# The value is not shown: the report may be read by more people than the manifest.
deny contains {"msg": msg, "path": array.concat(entry.path, ["data", key])} if {
	some entry in kubernetes.objects
	entry.object.kind == "ConfigMap"
	some key, value in shape.table_at(entry.object, ["data"])
	msg := sprintf("%s has %s in %s", [kubernetes.name_of(entry.object), secret_in(key, value), key])
}

secret_in(_, value) := kind if kind := secrets.kind_of(value)

secret_in(key, value) := "a secret" if {
	not secrets.kind_of(value)
	secrets.is_name(key)
	secrets.is_literal(value)
}
