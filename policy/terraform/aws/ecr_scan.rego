# METADATA
# title: Images in an ECR repository are not scanned
# description: |
#   A scan on push tells of known holes before an image runs. Where the registry as a whole scans
#   (aws_ecr_registry_scanning_configuration in the same file), this says nothing.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
# custom:
#   severity: medium
#   remediation: Add image_scanning_configuration with scan_on_push = true.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.ecr_scan

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": place} if {
	count(terraform.everywhere("aws_ecr_registry_scanning_configuration")) == 0
	some repository in terraform.of_type("aws_ecr_repository")
	place := fault(repository)
	msg := sprintf("%s does not scan its images", [repository.name])
}

fault(repository) := array.concat(configs[0].path, ["scan_on_push"]) if {
	configs := terraform.blocks(repository, "image_scanning_configuration")
	terraform.off(configs[0].block, "scan_on_push")
}

fault(repository) := array.concat(repository.path, ["image_scanning_configuration"]) if {
	terraform.absent(repository.block, "image_scanning_configuration")
}
