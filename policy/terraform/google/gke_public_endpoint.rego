# METADATA
# title: A GKE cluster can be reached from everywhere
# description: |
#   Without authorized networks or a private endpoint the API server listens for the whole internet, and nodes
#   with public addresses can be reached one by one.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_cluster
# custom:
#   severity: high
#   remediation: Add master_authorized_networks_config, or private_cluster_config with enable_private_endpoint; and enable_private_nodes.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.google.gke_public_endpoint

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["master_authorized_networks_config"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	terraform.absent(cluster.block, "master_authorized_networks_config")
	not private(cluster, "enable_private_endpoint")
	msg := sprintf("the API server of %s can be reached from everywhere", [cluster.name])
}

deny contains {"msg": msg, "path": array.concat(network.path, ["cidr_block"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	some config in terraform.blocks(cluster, "master_authorized_networks_config")
	some network in terraform.blocks(config, "cidr_blocks")
	network.block.cidr_block in terraform.everybody
	msg := sprintf("the authorized networks of %s are everybody's", [cluster.name])
}

deny contains {"msg": msg, "path": array.concat(cluster.path, ["private_cluster_config"])} if {
	some cluster in terraform.of_type("google_container_cluster")
	not private(cluster, "enable_private_nodes")
	not terraform.on(cluster.block, "enable_autopilot")
	msg := sprintf("the nodes of %s have public addresses", [cluster.name])
}

# Whether a switch of the private cluster is on, or may be, since it is an expression.
private(cluster, switch) if {
	some config in terraform.blocks(cluster, "private_cluster_config")
	not terraform.off(config.block, switch)
}
