package main

import rego.v1

deny contains msg if {
	some statement in input.provider.iam.role.statements
	statement.Effect == "Allow"
	"*" in actions(statement.Action)
	msg := "the role of the functions allows everything"
}

warn contains msg if {
	not input.provider.memorySize
	some name, function in input.functions
	is_object(function)
	not function.memorySize
	msg := sprintf("function %s does not limit its memory", [name])
}

# One action is written as a string.
actions(action) := [action] if is_string(action)

actions(action) := action if is_array(action)
