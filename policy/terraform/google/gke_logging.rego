# METADATA
# title: Logs or metrics of a GKE cluster are switched off
# description: |
#   Both are on unless somebody switches them off, and nobody can tell afterwards what happened in the cluster.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster
# custom:
#   severity: medium
#   remediation: Leave logging_service and monitoring_service out.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.google.gke_logging

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, [service])} if {
	some cluster in terraform.of_type("google_container_cluster")
	some service in ["logging_service", "monitoring_service"]
	cluster.block[service] == "none"
	msg := sprintf("%s has %s = none", [cluster.name, service])
}
