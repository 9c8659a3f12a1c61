# METADATA
# title: A basic role is granted
# description: |
#   Owner, editor and viewer hold thousands of permissions over a whole project: who breaks into one account has
#   all of it, or reads all of it.
# related_resources:
#   - https://cloud.google.com/iam/docs/roles-overview#basic
# custom:
#   severity: medium
#   remediation: Grant a predefined or custom role with what is needed.
#   kinds: [terraform]
#   formats: [hcl2, json]
#   profiles: [default, strict]
package kpolicy.terraform.google.basic_role

import data.kpolicy.lib.terraform

deny contains {"msg": msg, "path": array.concat(grant.path, ["role"])} if {
	some scope in ["project", "folder", "organization"]
	some kind in ["member", "binding"]
	some grant in terraform.of_type(sprintf("google_%s_iam_%s", [scope, kind]))
	grant.block.role in {"roles/owner", "roles/editor", "roles/viewer"}
	msg := sprintf("%s grants %s", [grant.name, grant.block.role])
}
