# METADATA
# title: An EKS cluster can be reached from everywhere
# description: |
#   The API server of an EKS cluster listens on the internet unless it is told otherwise; then only credentials
#   stand between everybody and the cluster.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster
#   - https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
# custom:
#   severity: high
#   remediation: Set endpoint_public_access = false, or name the networks in public_access_cidrs.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.eks_public_endpoint

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(config.path, [field])} if {
	some cluster in terraform.of_type("aws_eks_cluster")
	some config in terraform.blocks(cluster, "vpc_config")
	object.get(config.block, "endpoint_public_access", true) in {true, "true", null}
	field := fault(config.block)
	msg := sprintf("%s can be reached from everywhere", [cluster.name])
}

# What is at fault: networks that are everybody's, or the switch where none are named.
fault(block) := terraform.open_field(block, ["public_access_cidrs"])

fault(block) := "endpoint_public_access" if terraform.absent(block, "public_access_cidrs")
