# METADATA
# title: An S3 bucket is public
# description: |
#   With such an ACL, or such a grant in one, everybody can list the bucket, read it, or even write to it.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_acl
# custom:
#   severity: critical
#   remediation: Leave the ACL out, and give access by a policy to those who need it.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.s3_public_acl

import data.kpolicy.lib.shape
import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(bucket.path, ["acl"])} if {
	some type in {"aws_s3_bucket", "aws_s3_bucket_acl"}
	some bucket in terraform.of_type(type)
	bucket.block.acl in {"public-read", "public-read-write", "authenticated-read", "website"}
	not blocked(bucket)
	msg := sprintf("%s is open to others: %s", [bucket.name, bucket.block.acl])
}

deny contains {"msg": msg, "path": array.concat(grantee.path, ["uri"])} if {
	some grantee in grantees
	not blocked(grantee.holder)
	some group in {"AllUsers", "AuthenticatedUsers"}
	endswith(shape.text_at(grantee.block, ["uri"]), sprintf("/groups/global/%s", [group]))
	msg := sprintf("%s is open to others: %s", [grantee.name, group])
}

# Whom an ACL names: in the policy of its own resource, and in the grants of a bucket, as they were written before.
grantees contains {"name": acl.name, "holder": acl, "block": grantee.block, "path": grantee.path} if {
	some acl in terraform.of_type("aws_s3_bucket_acl")
	some policy in terraform.blocks(acl, "access_control_policy")
	some grant in terraform.blocks(policy, "grant")
	some grantee in terraform.blocks(grant, "grantee")
}

grantees contains {"name": bucket.name, "holder": bucket, "block": grant.block, "path": grant.path} if {
	some bucket in terraform.of_type("aws_s3_bucket")
	some grant in terraform.blocks(bucket, "grant")
}

# Whether another resource has the bucket refuse or ignore such lists.
blocked(bucket) if {
	some block in terraform.everywhere("aws_s3_bucket_public_access_block")
	terraform.together(block, bucket)
	is_for(block.block.bucket, bucket)
	some switch in ["ignore_public_acls", "block_public_acls"]
	terraform.on(block.block, switch)
}

is_for(name, bucket) if terraform.refers(name, bucket, "bucket")

is_for(name, bucket) if name == bucket.block.bucket
