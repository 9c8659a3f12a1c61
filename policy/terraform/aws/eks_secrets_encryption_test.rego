package kpolicy.terraform.aws.eks_secrets_encryption_test

import data.kpolicy.terraform.aws.eks_secrets_encryption

resource(block) := {"resource": {"aws_eks_cluster": {"x": [block]}}}

path := ["resource", "aws_eks_cluster", "x", 0]

test_denies_a_cluster_without if {
	every block in [{}, {"encryption_config": [{"resources": []}]}] {
		found := eks_secrets_encryption.deny with input as resource(block)
		found == {{
			"msg": "aws_eks_cluster.x does not encrypt its secrets with a key of yours",
			"path": array.concat(path, ["encryption_config"]),
		}}
	}
}

test_allows_encrypted_secrets if {
	every resources in [["secrets"], "${var.x}"] {
		found := eks_secrets_encryption.deny with input as resource({"encryption_config": [{"resources": resources}]})
		found == set()
	}
}

test_an_expression_is_not_known if {
	found := eks_secrets_encryption.deny with input as resource({"encryption_config": "${var.x}"})
	found == set()
}
