# METADATA
# title: Everybody is given a role
# description: |
#   allUsers is the whole internet, and allAuthenticatedUsers is everybody with a Google account.
# related_resources:
#   - https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/google_project_iam
#   - https://cloud.google.com/iam/docs/principals-overview
# custom:
#   severity: critical
#   remediation: Name the accounts that need it.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.google.public_grant

import data.kpolicy.lib.shape
import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(grant.path, [field])} if {
	some type, _ in terraform.resources
	regex.match(`^google_.*_iam_(member|binding)$`, type)
	some grant in terraform.of_type(type)
	some field in ["member", "members"]
	some member in terraform.items(grant.block, field)
	member in everybody
	msg := sprintf("%s gives %v to %s", [grant.name, object.get(grant.block, "role", "a role"), member])
}

deny contains {"msg": msg, "path": array.concat(policy.path, ["policy_data"])} if {
	some type, _ in terraform.resources
	regex.match(`^google_.*_iam_policy$`, type)
	some policy in terraform.of_type(type)
	some binding in bindings(policy.block.policy_data)
	some member in array.flatten([binding.members])
	member in everybody
	msg := sprintf("%s gives %v to %s", [policy.name, object.get(binding, "role", "a role"), member])
}

deny contains {"msg": msg, "path": array.concat(binding.path, ["members"])} if {
	some document in terraform.sources("google_iam_policy")
	some binding in terraform.blocks(document, "binding")
	some member in terraform.items(binding.block, "members")
	member in everybody
	msg := sprintf("%s gives %v to %s", [document.name, object.get(binding.block, "role", "a role"), member])
}

everybody := {"allUsers", "allAuthenticatedUsers"}

# The bindings of a policy that is written out.
bindings(text) := {binding |
	is_string(text)
	json.is_valid(text)
	some binding in shape.list_at(json.unmarshal(text), ["bindings"])
	is_object(binding)
}
