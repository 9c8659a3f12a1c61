# METADATA
# title: An S3 bucket is public
# description: |
#   With such an ACL everybody can list the bucket, read it, or even write to it.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_acl
# custom:
#   severity: critical
#   remediation: Leave the ACL out, and give access by a policy to those who need it.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.s3_public_acl

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(bucket.path, ["acl"])} if {
	some type in {"aws_s3_bucket", "aws_s3_bucket_acl"}
	some bucket in terraform.of_type(type)
	bucket.block.acl in {"public-read", "public-read-write", "authenticated-read", "website"}
	msg := sprintf("%s is open to others: %s", [bucket.name, bucket.block.acl])
}
