# METADATA
# title: A Secret is read into an environment variable
# description: |
#   An environment goes to every child process, to crash reports and to whoever may describe the process; a file of a volume
#   goes to who opens it, and changes when the Secret does.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: low
#   remediation: Mount the Secret as a volume and have the application read the file.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.secrets.env_reference

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["env", index, "valueFrom", "secretKeyRef"])} if {
	some entry in kubernetes.containers
	some index, variable in shape.list_at(entry.container, ["env"])
	secret := variable.valueFrom.secretKeyRef
	container := kubernetes.container_name(entry.container)
	msg := sprintf("container %s reads Secret %s into its environment", [container, shape.text_at(secret, ["name"])])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["envFrom", index, "secretRef"])} if {
	some entry in kubernetes.containers
	some index, source in shape.list_at(entry.container, ["envFrom"])
	secret := source.secretRef
	container := kubernetes.container_name(entry.container)
	msg := sprintf("container %s reads Secret %s into its environment", [container, shape.text_at(secret, ["name"])])
}
