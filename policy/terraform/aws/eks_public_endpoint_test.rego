package kpolicy.terraform.aws.eks_public_endpoint_test

import data.kpolicy.terraform.aws.eks_public_endpoint

resource(block) := {"resource": {"aws_eks_cluster": {"x": [block]}}}

path := ["resource", "aws_eks_cluster", "x", 0]

test_denies_an_endpoint_for_everybody if {
	found := eks_public_endpoint.deny with input as resource({"vpc_config": [{"subnet_ids": []}]})
	place := array.concat(path, ["vpc_config", 0, "endpoint_public_access"])
	found == {{"msg": "aws_eks_cluster.x can be reached from everywhere", "path": place}}
	open := eks_public_endpoint.deny with input as resource({"vpc_config": [{"public_access_cidrs": ["0.0.0.0/0"]}]})
	{finding.path[6] | some finding in open} == {"public_access_cidrs"}
}

test_allows_private_and_narrowed_ones if {
	every config in [{"endpoint_public_access": false}, {"public_access_cidrs": ["10.0.0.0/8"]}, {"endpoint_public_access": "${var.x}"}] {
		found := eks_public_endpoint.deny with input as resource({"vpc_config": [config]})
		found == set()
	}
}
