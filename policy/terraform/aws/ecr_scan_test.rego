package kpolicy.terraform.aws.ecr_scan_test

import data.kpolicy.terraform.aws.ecr_scan

resource(block) := {"resource": {"aws_ecr_repository": {"x": [block]}}}

path := ["resource", "aws_ecr_repository", "x", 0]

test_denies_a_repository_without_scans if {
	none := ecr_scan.deny with input as resource({})
	place := array.concat(path, ["image_scanning_configuration"])
	none == {{"msg": "aws_ecr_repository.x does not scan its images", "path": place}}
	off := ecr_scan.deny with input as resource({"image_scanning_configuration": [{"scan_on_push": false}]})
	{finding.path[6] | some finding in off} == {"scan_on_push"}
}

test_allows_scans_of_the_repository_or_the_registry if {
	on := ecr_scan.deny with input as resource({"image_scanning_configuration": [{"scan_on_push": true}]})
	on == set()
	registry := {"aws_ecr_registry_scanning_configuration": {"all": [{"scan_type": "ENHANCED"}]}}
	whole := ecr_scan.deny with input as {"resource": object.union(resource({}).resource, registry)}
	whole == set()
}
