package kpolicy.terraform.aws.iam_wildcard_test

import data.kpolicy.terraform.aws.iam_wildcard

resource(block) := {"resource": {"aws_iam_policy": {"x": [block]}}}

path := ["resource", "aws_iam_policy", "x", 0]

denied := {{"msg": "aws_iam_policy.x allows every action on everything", "path": array.concat(path, ["policy"])}}

test_denies_a_text if {
	text := `{"Statement": {"Effect": "Allow", "Action": ["*"], "Resource": "*"}}`
	found := iam_wildcard.deny with input as resource({"policy": text})
	found == denied
}

test_denies_an_encoded_object if {
	text := `${jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = ["*"] }] })}`
	found := iam_wildcard.deny with input as resource({"policy": text})
	found == denied
}

test_denies_a_document if {
	statement := {"actions": ["*"], "resources": ["*"]}
	found := iam_wildcard.deny with input as {"data": {"aws_iam_policy_document": {"x": [{"statement": [statement]}]}}}
	place := ["data", "aws_iam_policy_document", "x", 0, "statement", 0, "actions"]
	found == {{"msg": "data.aws_iam_policy_document.x allows every action on everything", "path": place}}
}

test_allows_narrow_and_denying_statements if {
	every text in [
		`{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`,
		`{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}`,
		`${jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })}`,
		"${data.aws_iam_policy_document.x.json}",
		"no JSON",
	] {
		found := iam_wildcard.deny with input as resource({"policy": text})
		found == set()
	}
}

test_denies_an_inline_policy_of_a_permission_set if {
	text := `{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	set_policy := {"resource": {"aws_ssoadmin_permission_set_inline_policy": {"x": [{"inline_policy": text}]}}}
	found := {finding.path | some finding in iam_wildcard.deny} with input as set_policy
	found == {["resource", "aws_ssoadmin_permission_set_inline_policy", "x", 0, "inline_policy"]}
}
