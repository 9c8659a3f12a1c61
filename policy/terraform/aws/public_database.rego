# METADATA
# title: A database can be reached from the internet
# description: |
#   A database with a public address is found within hours, and tried with every password there is.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
# custom:
#   severity: critical
#   remediation: Set publicly_accessible = false, and reach it through the network that it is in.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.public_database

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(resource.path, ["publicly_accessible"])} if {
	some type in {"aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster", "aws_dms_replication_instance"}
	some resource in terraform.of_type(type)
	terraform.on_or_default(type, resource.block, "publicly_accessible")
	msg := sprintf("%s has a public address", [resource.name])
}
