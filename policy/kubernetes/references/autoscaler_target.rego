# METADATA
# title: An autoscaler scales nothing
# description: |
#   A HorizontalPodAutoscaler whose target does not exist fails quietly, and the workload never grows. Judged by the whole
#   set, and only where it has others of that kind in the namespace.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   severity: medium
#   remediation: Correct spec.scaleTargetRef.
#   kinds: [HorizontalPodAutoscaler]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.autoscaler_target

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "scaleTargetRef", "name"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "HorizontalPodAutoscaler"
	[kind, name] := [shape.text_at(entry.object, ["spec", "scaleTargetRef", field]) | some field in ["kind", "name"]]
	namespace := inventory.namespace_of(entry.object)
	present := {inventory.name_of(other.object) | some other in inventory.in_namespace(kind, namespace)}
	present != set()
	not name in present
	msg := sprintf("%s scales %s %s, which namespace %s has not", [kubernetes.name_of(entry.object), kind, name, namespace])
}
