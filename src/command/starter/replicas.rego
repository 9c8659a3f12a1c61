# METADATA
# title: A Deployment runs a single replica
# description: With one replica, every restart is an outage.
# custom:
#   severity: medium
#   remediation: Set spec.replicas to 2 or more.
package main

deny contains result if {
	input.kind == "Deployment"
	replicas := object.get(input, ["spec", "replicas"], 1)
	replicas < 2
	name := object.get(input, ["metadata", "name"], "without a name")
	result := {
		"msg": sprintf("Deployment %v runs %v replica", [name, replicas]),
		"path": ["spec", "replicas"],
	}
}
