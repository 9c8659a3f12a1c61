package kpolicy.terraform.aws.public_database_test

import data.kpolicy.terraform.aws.public_database

resource(block) := {"resource": {"aws_db_instance": {"x": [block]}}}

path := ["resource", "aws_db_instance", "x", 0]

test_denies_a_public_address if {
	found := public_database.deny with input as resource({"publicly_accessible": true})
	found == {{"msg": "aws_db_instance.x has a public address", "path": array.concat(path, ["publicly_accessible"])}}
}

test_allows_private_ones if {
	every block in [{}, {"publicly_accessible": false}, {"publicly_accessible": "${var.x}"}] {
		found := public_database.deny with input as resource(block)
		found == set()
	}
}
