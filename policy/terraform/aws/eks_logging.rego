# METADATA
# title: An EKS cluster keeps no audit log
# description: |
#   Without the logs of the control plane nobody can tell afterwards who did what in the cluster.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster
#   - https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
# custom:
#   severity: medium
#   remediation: Name api, audit and authenticator in enabled_cluster_log_types.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.eks_logging

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(cluster.path, ["enabled_cluster_log_types"])} if {
	some cluster in terraform.of_type("aws_eks_cluster")
	not is_string(object.get(cluster.block, "enabled_cluster_log_types", null))
	missing := types - terraform.items(cluster.block, "enabled_cluster_log_types")
	count(missing) > 0
	msg := sprintf("%s does not log %s", [cluster.name, concat(", ", sort(missing))])
}

types := {"api", "audit", "authenticator"}
