package kpolicy.terraform.aws.ecr_mutable_tags_test

import data.kpolicy.terraform.aws.ecr_mutable_tags

resource(block) := {"resource": {"aws_ecr_repository": {"x": [block]}}}

path := ["resource", "aws_ecr_repository", "x", 0]

test_denies_the_default_and_what_says_so if {
	every block in [{}, {"image_tag_mutability": "MUTABLE"}] {
		found := ecr_mutable_tags.deny with input as resource(block)
		place := array.concat(path, ["image_tag_mutability"])
		found == {{"msg": "the tags of aws_ecr_repository.x can be moved", "path": place}}
	}
}

test_allows_immutable_tags if {
	every value in ["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "${var.x}"] {
		found := ecr_mutable_tags.deny with input as resource({"image_tag_mutability": value})
		found == set()
	}
}
