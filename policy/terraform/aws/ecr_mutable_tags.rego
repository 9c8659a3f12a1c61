# METADATA
# title: Tags in an ECR repository can be moved
# description: |
#   Where a tag can be pushed again, what runs tomorrow is not what was tested today.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
# custom:
#   severity: medium
#   remediation: Set image_tag_mutability = "IMMUTABLE".
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.ecr_mutable_tags

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(repository.path, ["image_tag_mutability"])} if {
	some repository in terraform.of_type("aws_ecr_repository")
	object.get(repository.block, "image_tag_mutability", "MUTABLE") in {"MUTABLE", null}
	msg := sprintf("the tags of %s can be moved", [repository.name])
}
