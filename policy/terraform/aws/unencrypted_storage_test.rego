package kpolicy.terraform.aws.unencrypted_storage_test

import data.kpolicy.terraform.aws.unencrypted_storage

resource(block) := {"resource": {"aws_ebs_volume": {"x": [block]}}}

path := ["resource", "aws_ebs_volume", "x", 0]

test_denies_what_is_off_or_left_out if {
	every block in [{}, {"encrypted": false}] {
		found := unencrypted_storage.deny with input as resource(block)
		found == {{"msg": "aws_ebs_volume.x is not encrypted", "path": array.concat(path, ["encrypted"])}}
	}
}

test_allows_what_is_on_or_inherited if {
	every value in [true, "true", "${var.x}"] {
		found := unencrypted_storage.deny with input as resource({"encrypted": value})
		found == set()
	}
	replica := {"resource": {"aws_db_instance": {"x": [{"replicate_source_db": "${aws_db_instance.y.id}"}]}}}
	found := unencrypted_storage.deny with input as replica
	found == set()
}

test_a_global_cluster_is_encrypted_as_its_source if {
	found := unencrypted_storage.deny with input as {"resource": {"aws_rds_global_cluster": {"x": [{}]}}}
	count(found) == 1
	block := {"source_db_cluster_identifier": "arn"}
	of_source := unencrypted_storage.deny with input as {"resource": {"aws_rds_global_cluster": {"x": [block]}}}
	of_source == set()
}

test_a_database_that_is_no_replica_and_no_serverless_cluster_is_not_encrypted if {
	resources := {
		"aws_db_instance": {"x": [{}], "y": [{"replicate_source_db": ""}]},
		"aws_rds_cluster": {"x": [{}], "y": [{"engine_mode": "provisioned"}], "z": [{"engine_mode": "serverless"}]},
	}
	found := {finding.msg | some finding in unencrypted_storage.deny} with input as {"resource": resources}
	found == {sprintf("%s is not encrypted", [name]) | some name in ["aws_db_instance.x", "aws_db_instance.y", "aws_rds_cluster.x", "aws_rds_cluster.y"]}
}
