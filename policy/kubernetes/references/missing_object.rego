# METADATA
# title: A pod refers to an object that the set does not have
# description: |
#   A pod with a ConfigMap, Secret, claim or service account that does not exist stays in ContainerCreating or is not made at
#   all. Judged by the whole set, and only where it has others of that kind in the namespace: else they come from elsewhere.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
#   - https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   severity: medium
#   remediation: Correct the name, or add the object; mark the reference optional where the pod can do without.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.missing_object

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.references

deny contains {"msg": msg, "path": kubernetes.at(entry, reference.path)} if {
	some entry in kubernetes.pods
	some reference in references.of_pod(entry.pod)
	namespace := inventory.namespace_of(entry.object)
	present := {inventory.name_of(other.object) | some other in inventory.in_namespace(reference.kind, namespace)}
	present != set()
	not reference.name in present
	not reference.name in references.made_by_kubernetes
	names := [kubernetes.name_of(entry.object), reference.kind, reference.name, namespace]
	msg := sprintf("%s refers to %s %s, which namespace %s has not", names)
}
