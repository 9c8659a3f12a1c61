# METADATA
# title: Secrets of an EKS cluster are not encrypted with a key of yours
# description: |
#   Without encryption_config for secrets, who reads the disks of etcd reads them with a key that is not yours
#   to revoke.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster
# custom:
#   severity: medium
#   remediation: Add encryption_config with resources = ["secrets"] and a KMS key.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.eks_secrets_encryption

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["encryption_config"])} if {
	some cluster in terraform.of_type("aws_eks_cluster")
	configs := terraform.blocks(cluster, "encryption_config")
	every config in configs { not covers_secrets(config.block) }
	not is_string(object.get(cluster.block, "encryption_config", null))
	msg := sprintf("%s does not encrypt its secrets with a key of yours", [cluster.name])
}

covers_secrets(block) if "secrets" in terraform.items(block, "resources")

covers_secrets(block) if is_string(object.get(block, "resources", null))
