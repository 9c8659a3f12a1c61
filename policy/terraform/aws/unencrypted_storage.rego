# METADATA
# title: Storage is not encrypted
# description: |
#   Volumes, file systems and databases keep what is written to them in the clear unless encryption is switched
#   on, and most cannot be encrypted afterwards.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ebs_volume
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
# custom:
#   severity: high
#   remediation: Switch encryption on before there is data; it costs nothing.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.unencrypted_storage

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(resource.path, [switch])} if {
	some type, switch in switches
	some resource in terraform.of_type(type)
	terraform.off(resource.block, switch)
	not inherits(type, resource.block)
	msg := sprintf("%s is not encrypted", [resource.name])
}

# The switch of each type.
switches := {
	"aws_db_instance": "storage_encrypted",
	"aws_docdb_cluster": "storage_encrypted",
	"aws_ebs_volume": "encrypted",
	"aws_efs_file_system": "encrypted",
	"aws_elasticache_replication_group": "at_rest_encryption_enabled",
	"aws_neptune_cluster": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_rds_global_cluster": "storage_encrypted",
	"aws_redshift_cluster": "encrypted",
}

# A replica and a member of a cluster are encrypted as what they belong to, and Aurora Serverless always is.
inherits("aws_db_instance", block) if not terraform.absent(block, "replicate_source_db")

inherits("aws_rds_global_cluster", block) if not terraform.absent(block, "source_db_cluster_identifier")

inherits("aws_rds_cluster", block) if block.engine_mode == "serverless"
