# METADATA
# title: A pod has a volume of a type that ties it to its node or storage
# description: |
#   A pod may use volumes that belong to it or that Kubernetes gives it: configMap, csi, downwardAPI, emptyDir,
#   ephemeral, image, persistentVolumeClaim, projected and secret. Others reach past it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   remediation: Use a volume of an allowed type; take outside storage through a persistentVolumeClaim.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted, strict]
package kpolicy.kubernetes.pod_security.restricted.volume_types

import data.kpolicy.lib.pods

allowed := {
	"configMap",
	"csi",
	"downwardAPI",
	"emptyDir",
	"ephemeral",
	"image",
	"persistentVolumeClaim",
	"projected",
	"secret",
}

deny contains {"msg": msg, "path": entry.path} if {
	some entry in pods.volumes
	sources := pods.sources(entry.volume)
	sources & allowed == set()
	msg := sprintf("%s is of a type that is not allowed: %s", [entry.who, concat(", ", sources)])
}
