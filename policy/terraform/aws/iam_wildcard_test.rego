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
		`{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::shop"}, null, "odd"]}`,
		`${jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })}`,
		`${jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "arn:aws:s3:::shop" }] })}`,
		`${jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })}`,
		"${data.aws_iam_policy_document.x.json}",
		`${var.admin ? jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }) : null}`,
		"no JSON",
		null,
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

test_allows_narrow_and_denying_documents if {
	every statement in [
		{"effect": "Deny", "actions": ["*"], "resources": ["*"]},
		{"actions": ["s3:*"], "resources": ["*"]},
		{"actions": ["*"], "resources": ["arn:aws:s3:::shop"]},
	] {
		found := iam_wildcard.deny with input as {"data": {"aws_iam_policy_document": {"x": [{"statement": [statement]}]}}}
		found == set()
	}
}

test_a_document_is_not_reported_again_where_it_is_used if {
	text := `{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	evaluated := {"file": "a.tf", "resources": {"aws_iam_policy": [{
		"name": "aws_iam_policy.x",
		"module": ".",
		"file": "a.tf",
		"path": path,
		"values": {"policy": text},
	}]}}
	every written, expected in {"${data.aws_iam_policy_document.x.json}": set(), "${local.everything}": denied} {
		found := iam_wildcard.deny with input as resource({"policy": written}) with data.terraform_configuration as evaluated
		found == expected
	}
}
