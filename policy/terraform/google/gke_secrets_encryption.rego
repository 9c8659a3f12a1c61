# METADATA
# title: Secrets of a GKE cluster are not encrypted with a key of yours
# description: |
#   Without database_encryption, who reads the disks of etcd reads the secrets with a key that is not yours to
#   revoke.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster
# custom:
#   severity: medium
#   remediation: Add database_encryption with state = "ENCRYPTED" and a key.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [strict]
package kpolicy.terraform.google.gke_secrets_encryption

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["database_encryption"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	every config in terraform.blocks(cluster, "database_encryption") {
		object.get(config.block, "state", "") in {"DECRYPTED", ""}
	}
	msg := sprintf("%s does not encrypt its secrets with a key of yours", [cluster.name])
}
