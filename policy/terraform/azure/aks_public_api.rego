# METADATA
# title: An AKS cluster can be reached from everywhere
# description: |
#   The API server of an AKS cluster listens on the internet unless the cluster is private or its networks are
#   named.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/kubernetes_cluster
# custom:
#   severity: high
#   remediation: Set private_cluster_enabled = true, or name the networks in authorized_ip_ranges.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.azure.aks_public_api

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["private_cluster_enabled"])} if {
	some cluster in terraform.of_type("azurerm_kubernetes_cluster")
	terraform.off(cluster.block, "private_cluster_enabled")
	not narrowed(cluster)
	msg := sprintf("%s can be reached from everywhere", [cluster.name])
}

narrowed(cluster) if {
	some profile in terraform.blocks(cluster, "api_server_access_profile")
	names_networks(profile.block, "authorized_ip_ranges")
}

narrowed(cluster) if names_networks(cluster.block, "api_server_authorized_ip_ranges")

names_networks(block, field) if {
	not terraform.absent(block, field)
	not terraform.open_field(block, [field])
}
