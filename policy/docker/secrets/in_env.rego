# METADATA
# title: A secret is written into the image
# description: |
#   What ENV and ARG hold can be read by everybody who has the image: docker history shows it, even where a
#   later instruction unsets it. Names such as PASSWORD, TOKEN and SECRET_KEY with a value count; a value that
#   another variable gives does not.
# related_resources:
#   - https://docs.docker.com/build/building/secrets/
# custom:
#   severity: critical
#   remediation: Mount it while building (RUN --mount=type=secret), and give it to the container when it runs.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.secrets.in_env

import data.kpolicy.lib.dockerfile
import data.kpolicy.lib.secrets

deny contains {"msg": msg, "path": setting.path} if {
	some setting in dockerfile.settings
	regex.match(secret, setting.name)
	not regex.match(harmless, setting.name)
	value := trim(setting.value, `"' `)
	value != ""
	not startswith(value, "$")
	not startswith(value, "/")
	not secrets.is_placeholder(value)
	msg := sprintf("%s %s holds what looks like a secret", [setting.command, setting.name])
}

secret := `(?i)(^|_)(password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|encryption_?key|signing_?key|credentials?)($|_)|(^|_)(pass|pwd|key_base|pgpassword)$`

# Names that tell where a secret is, how long it is valid or what kind it is.
harmless := `(?i)_(file|path|dir|url|uri|name|id|ttl|expiry|expiration|type|length|header|endpoint|enabled|required|policy)$`
