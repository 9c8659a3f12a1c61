# METADATA
# title: A GKE cluster has an old way in
# description: |
#   Attribute-based access control gives more than roles do, and a client certificate cannot be revoked.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster
#   - https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
# custom:
#   severity: high
#   remediation: Leave enable_legacy_abac off, and issue_client_certificate too.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.google.gke_legacy_access

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["enable_legacy_abac"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	terraform.on(cluster.block, "enable_legacy_abac")
	msg := sprintf("%s has attribute-based access control", [cluster.name])
}

deny contains {"msg": msg, "path": array.concat(config.path, ["issue_client_certificate"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	some auth in terraform.blocks(cluster, "master_auth")
	some config in terraform.blocks(auth, "client_certificate_config")
	terraform.on(config.block, "issue_client_certificate")
	msg := sprintf("%s issues a client certificate", [cluster.name])
}
