# METADATA
# title: A policy allows every action on everything
# description: |
#   Who has such a policy is an administrator, whatever its name says. Documents of aws_iam_policy_document,
#   JSON texts and jsonencode are read.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   severity: high
#   remediation: Name the actions and the resources that are needed.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.aws.iam_wildcard

import data.kpolicy.lib.shape
import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(statement.path, ["actions"])} if {
	some document in terraform.sources("aws_iam_policy_document")
	some statement in terraform.blocks(document, "statement")
	object.get(statement.block, "effect", "Allow") == "Allow"
	some action in terraform.items(statement.block, "actions")
	action in {"*", "*:*"}
	"*" in terraform.items(statement.block, "resources")
	msg := sprintf("%s allows every action on everything", [document.name])
}

deny contains {"msg": msg, "path": array.concat(policy.path, [field])} if {
	some type, field in documents
	some policy in terraform.of_type(type)
	not is_source(policy, field)
	allows_all(shape.text_at(policy.block, [field]))
	msg := sprintf("%s allows every action on everything", [policy.name])
}

# Whether the policy is a data source, which is found by itself.
is_source(policy, field) if {
	text := shape.text_at(input, array.concat(policy.path, [field]))
	contains(text, "data.aws_iam_policy_document.")
}

# The attribute of each type that holds a document.
documents := {
	"aws_iam_group_policy": "policy",
	"aws_iam_policy": "policy",
	"aws_iam_role_policy": "policy",
	"aws_iam_user_policy": "policy",
	"aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}

allows_all(text) if {
	json.is_valid(text)
	document := json.unmarshal(text)
	some statement in array.flatten([shape.at(document, ["Statement"])])
	statement.Effect == "Allow"
	some action in array.flatten([statement.Action])
	action in {"*", "*:*"}
	"*" in array.flatten([statement.Resource])
}

# What jsonencode is given is not evaluated: a statement that allows is found by its words.
allows_all(text) if {
	startswith(text, "${jsonencode(")
	some statement in regex.find_n(`\{[^{}]*\}`, text, -1)
	regex.match(`"?Effect"?\s*[=:]\s*"Allow"`, statement)
	regex.match(`"?Action"?\s*[=:]\s*(\[\s*)?"(\*|\*:\*)"`, statement)
	regex.match(`"?Resource"?\s*[=:]\s*(\[\s*)?"\*"`, statement)
}
