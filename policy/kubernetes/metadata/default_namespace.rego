# METADATA
# title: An object is put into the namespace default
# description: |
#   What is in default shares names, network policies, quotas and rights with everything else that was put nowhere. An
#   object that names no namespace is left to where it is applied, unless the parameter says otherwise.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
# custom:
#   severity: low
#   remediation: Give the application a namespace of its own and name it in metadata.namespace.
#   kinds: [Service, Ingress, ConfigMap, Secret, ServiceAccount, PersistentVolumeClaim, Role, RoleBinding, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     missing:
#       type: boolean
#       default: false
#       description: Whether an object without a namespace counts as one in default.
package kpolicy.kubernetes.metadata.default_namespace

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

missing := kubernetes.parameter("metadata", "default_namespace", "missing", false)

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "namespace"])} if {
	some entry in kubernetes.objects
	entry.object.kind in kinds
	inventory.namespace_of(entry.object) == "default"
	is_meant(entry.object)
	msg := sprintf("%s is in the namespace default", [kubernetes.name_of(entry.object)])
}

is_meant(object_) if shape.text_at(object_, ["metadata", "namespace"]) == "default"

is_meant(_) if missing == true

# Every kind that teams deploy and that lives in a namespace; default has a service account and a Service of its own.
kinds := {
	"Pod",
	"Deployment",
	"StatefulSet",
	"DaemonSet",
	"ReplicaSet",
	"ReplicationController",
	"Job",
	"CronJob",
	"Service",
	"Ingress",
	"ConfigMap",
	"Secret",
	"ServiceAccount",
	"PersistentVolumeClaim",
	"Role",
	"RoleBinding",
}
