# METADATA
# title: A Service selects no pod
# description: |
#   A Service whose selector matches no pod of its namespace answers nobody: a label that was renamed on one side is the
#   usual reason. Judged by the whole set, where it has pods of that namespace. Where an operator makes pods there, of a
#   Prometheus or a database, the files do not show them: then kubernetes/reliability/unseen_pods says so once.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   severity: medium
#   remediation: Make spec.selector ask for labels that the pods have.
#   kinds: [Service]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.service_without_pods

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape
import data.kpolicy.lib.unseen_pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "selector"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Service"
	selector := shape.table_at(entry.object, ["spec", "selector"])
	pods := inventory.pods[inventory.namespace_of(entry.object)]
	not unseen_pods.in_namespace[inventory.namespace_of(entry.object)]
	every pod in pods {
		not has(pod.labels, selector)
	}
	msg := sprintf("%s selects none of the pods of its namespace", [kubernetes.name_of(entry.object)])
}

has(labels, selector) if {
	every key, value in selector {
		labels[key] == value
	}
}
