package main

import rego.v1

deny contains msg if {
	some statement in input.provider.iam.role.statements
	statement.Effect == "Allow"
	statement.Action == "*"
	msg := "the role of the functions allows everything"
}

warn contains msg if {
	some name, function in input.functions
	not function.memorySize
	not input.provider.memorySize
	msg := sprintf("function %s does not limit its memory", [name])
}
