# METADATA
# title: An S3 bucket may be made public
# description: |
#   The four switches of the public access block keep a wrong ACL or policy from opening the bucket. Each is off
#   unless it is said.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_public_access_block
# custom:
#   severity: high
#   remediation: Set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.s3_public_access

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(block.path, [switch])} if {
	some type in {"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"}
	some block in terraform.of_type(type)
	some switch in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
	terraform.off(block.block, switch)
	msg := sprintf("%s leaves %s off", [block.name, switch])
}
