# METADATA
# title: A pod asks for a key that its ConfigMap or Secret lacks
# description: |
#   A container whose variable comes from a key that is not there stays in CreateContainerConfigError, and a pod with a volume
#   of such a key in ContainerCreating. Judged where the set has the object with its data; one without data is filled by
#   others.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
# custom:
#   severity: medium
#   remediation: Correct the key, or add it; mark the reference optional where the pod can do without.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.missing_key

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.references
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": kubernetes.at(entry, reference.path)} if {
	some entry in kubernetes.pods
	some reference in references.keys_of(entry.pod)
	namespace := inventory.namespace_of(entry.object)
	given := object.get(inventory.by_kind, [reference.kind, namespace, reference.name], [])
	keys := {key |
		some held in given
		some field in ["data", "binaryData", "stringData"]
		some key, _ in shape.table_at(held.object, [field])
	}
	keys != set()
	not reference.key in keys
	names := [kubernetes.name_of(entry.object), reference.key, reference.kind, reference.name]
	msg := sprintf("%s asks for the key %s, which %s %s lacks", names)
}
