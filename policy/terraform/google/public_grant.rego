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

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(grant.path, [field])} if {
	some type, _ in terraform.resources
	regex.match(`^google_.*_iam_(member|binding)$`, type)
	some grant in terraform.of_type(type)
	some field in ["member", "members"]
	some member in terraform.items(grant.block, field)
	member in {"allUsers", "allAuthenticatedUsers"}
	msg := sprintf("%s gives %v to %s", [grant.name, object.get(grant.block, "role", "a role"), member])
}
