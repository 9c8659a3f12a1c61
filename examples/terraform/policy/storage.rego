package main

deny contains {"msg": msg, "path": ["resource", "aws_s3_bucket", name, index, "acl"]} if {
	some name, blocks in input.resource.aws_s3_bucket
	some index, bucket in blocks
	startswith(bucket.acl, "public-")
	msg := sprintf("bucket %s is public: %s", [name, bucket.acl])
}

warn contains {"msg": msg, "path": ["resource", "aws_s3_bucket", name, index]} if {
	some name, blocks in input.resource.aws_s3_bucket
	some index, bucket in blocks
	object.get(bucket, "tags", null) == null
	msg := sprintf("bucket %s has no tags", [name])
}
