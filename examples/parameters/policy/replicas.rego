# METADATA
# title: A Deployment has too few replicas
# description: With one replica, each rollout and each drained node is an outage.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
# custom:
#   severity: medium
#   remediation: Raise spec.replicas.
#   kinds: [Deployment]
package shop.replicas

default least := 2

least := data.params.replicas.least

deny contains {"msg": msg, "path": ["spec", "replicas"]} if {
	input.kind == "Deployment"
	replicas := object.get(input.spec, "replicas", 1)
	replicas < least
	msg := sprintf("%s has %d of %d replicas", [input.metadata.name, replicas, least])
}
