package kpolicy.terraform.aws.s3_public_acl_test

import data.kpolicy.terraform.aws.s3_public_acl

resource(block) := {"resource": {"aws_s3_bucket_acl": {"x": [block]}}}

path := ["resource", "aws_s3_bucket_acl", "x", 0]

test_denies_public_ones if {
	found := s3_public_acl.deny with input as resource({"acl": "public-read"})
	found == {{"msg": "aws_s3_bucket_acl.x is open to others: public-read", "path": array.concat(path, ["acl"])}}
}

test_allows_private_ones if {
	every block in [{}, {"acl": "private"}, {"acl": "${var.acl}"}, {"acl": "log-delivery-write"}] {
		found := s3_public_acl.deny with input as resource(block)
		found == set()
	}
}
