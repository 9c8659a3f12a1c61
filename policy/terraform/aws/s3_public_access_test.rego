package kpolicy.terraform.aws.s3_public_access_test

import data.kpolicy.terraform.aws.s3_public_access

resource(block) := {"resource": {"aws_s3_bucket_public_access_block": {"x": [block]}}}

path := ["resource", "aws_s3_bucket_public_access_block", "x", 0]

all := {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}

test_denies_each_switch_that_is_off if {
	found := s3_public_access.deny with input as resource(object.union(all, {"ignore_public_acls": false}))
	place := array.concat(path, ["ignore_public_acls"])
	found == {{"msg": "aws_s3_bucket_public_access_block.x leaves ignore_public_acls off", "path": place}}
	none := s3_public_access.deny with input as resource({})
	count(none) == 4
}

test_allows_all_on if {
	found := s3_public_access.deny with input as resource(all)
	found == set()
}
