package kpolicy.terraform.aws.eks_logging_test

import data.kpolicy.terraform.aws.eks_logging

resource(block) := {"resource": {"aws_eks_cluster": {"x": [block]}}}

path := ["resource", "aws_eks_cluster", "x", 0]

test_denies_missing_types if {
	found := eks_logging.deny with input as resource({"enabled_cluster_log_types": ["api"]})
	place := array.concat(path, ["enabled_cluster_log_types"])
	found == {{"msg": "aws_eks_cluster.x does not log audit, authenticator", "path": place}}
}

test_allows_all_types_and_expressions if {
	every types in [["api", "audit", "authenticator"], "${var.types}"] {
		found := eks_logging.deny with input as resource({"enabled_cluster_log_types": types})
		found == set()
	}
}
