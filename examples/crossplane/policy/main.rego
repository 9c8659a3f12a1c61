package main

import rego.v1

is_database if {
	startswith(input.apiVersion, "rds.aws.")
	input.kind == "Instance"
}

deny contains msg if {
	is_database
	not input.spec.forProvider.storageEncrypted == true
	msg := sprintf("database %s is not encrypted", [input.metadata.name])
}

warn contains msg if {
	is_database
	input.spec.deletionPolicy == "Delete"
	msg := sprintf("database %s is deleted with its claim", [input.metadata.name])
}
