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

group_uri(group) := sprintf("http://acs.amazonaws.com/groups/global/%s", [group])

grant(group) := {"grantee": [{"type": "Group", "uri": group_uri(group)}], "permission": "READ"}

test_denies_a_grant_to_everybody if {
	every group in ["AllUsers", "AuthenticatedUsers"] {
		acl := {"access_control_policy": [{"grant": [grant(group)]}]}
		found := s3_public_acl.deny with input as {"resource": {"aws_s3_bucket_acl": {"x": [acl]}}}
		way := ["access_control_policy", 0, "grant", 0, "grantee", 0, "uri"]
		place := array.concat(["resource", "aws_s3_bucket_acl", "x", 0], way)
		found == {{"msg": sprintf("aws_s3_bucket_acl.x is open to others: %s", [group]), "path": place}}
	}
}

test_denies_a_grant_of_the_bucket_itself if {
	bucket := {"grant": [{"type": "Group", "uri": group_uri("AllUsers"), "permissions": ["READ"]}]}
	found := s3_public_acl.deny with input as {"resource": {"aws_s3_bucket": {"x": [bucket]}}}
	place := ["resource", "aws_s3_bucket", "x", 0, "grant", 0, "uri"]
	found == {{"msg": "aws_s3_bucket.x is open to others: AllUsers", "path": place}}
}

test_allows_a_grant_to_others if {
	every group in ["s3/LogDelivery", "${var.group}"] {
		acl := {"access_control_policy": [{"grant": [grant(group)]}]}
		found := s3_public_acl.deny with input as {"resource": {"aws_s3_bucket_acl": {"x": [acl]}}}
		found == set()
	}
}

test_allows_what_the_bucket_refuses if {
	block := {"name": "aws_s3_bucket_public_access_block.b", "module": ".", "file": "b.tf", "path": ["p"]}
	list := {"name": "aws_s3_bucket_acl.x", "module": ".", "file": "a.tf", "path": path}
	values := {"acl": "public-read", "bucket": "${aws_s3_bucket.b.id}"}
	every switch, expected in {"ignore_public_acls": 0, "block_public_acls": 0, "block_public_policy": 1} {
		configuration := {"file": "a.tf", "resources": {
			"aws_s3_bucket_acl": [object.union(list, {"values": values})],
			"aws_s3_bucket_public_access_block": [object.union(
				block,
				{"values": {"bucket": "${aws_s3_bucket.b.id}", switch: true}},
			)],
		}}
		found := s3_public_acl.deny with input as {"resource": {}} with data.terraform_configuration as configuration
		count(found) == expected
	}
}

test_allows_a_grant_to_an_account_in_a_plan if {
	values := {"bucket": "b", "grant": [{"type": "CanonicalUser", "id": "79a5", "uri": null, "permissions": ["READ"]}]}
	planned := {"address": "aws_s3_bucket.x", "mode": "managed", "type": "aws_s3_bucket", "values": values}
	found := s3_public_acl.deny with input as {"planned_values": {"root_module": {"resources": [planned]}}}
	found == set()
}

# What is found where a bucket, and the resource that has one refuse lists, are these.
found_beside(bucket, block) := found if {
	input_ := {"resource": {"aws_s3_bucket": {"x": [bucket]}, "aws_s3_bucket_public_access_block": {"b": [object.union(block, {"ignore_public_acls": true})]}}}
	found := {finding.msg | some finding in s3_public_acl.deny} with input as input_
}

test_the_bucket_that_refuses_is_told_by_address_and_by_name if {
	bucket := {"bucket": "shop", "acl": "public-read", "grant": [{"type": "Group", "uri": group_uri("AllUsers")}]}
	every name in ["${aws_s3_bucket.x.id}", "${aws_s3_bucket.x.bucket}", "shop"] {
		found_beside(bucket, {"bucket": name}) == set()
	}
	every name in ["${aws_s3_bucket.y.id}", "other"] {
		found_beside(bucket, {"bucket": name}) == {"aws_s3_bucket.x is open to others: public-read", "aws_s3_bucket.x is open to others: AllUsers"}
	}
}

test_the_same_expression_is_the_same_bucket_within_a_module if {
	list := {"name": "aws_s3_bucket_acl.x", "module": ".", "file": "a.tf", "path": path}
	values := {"acl": "public-read", "bucket": "${var.bucket}"}
	every module, expected in {".": 0, "module.other": 1} {
		configuration := {"file": "a.tf", "resources": {
			"aws_s3_bucket_acl": [object.union(list, {"values": values})],
			"aws_s3_bucket_public_access_block": [{
				"name": "aws_s3_bucket_public_access_block.b",
				"module": module,
				"file": "b.tf",
				"path": ["p"],
				"values": {"bucket": "${var.bucket}", "block_public_acls": true},
			}],
		}}
		found := s3_public_acl.deny with input as {"resource": {}} with data.terraform_configuration as configuration
		count(found) == expected
	}
}
