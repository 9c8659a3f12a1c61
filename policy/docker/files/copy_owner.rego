# METADATA
# title: Files are copied for root into an image that another user runs
# description: |
#   What COPY and ADD bring belongs to root, whatever USER says, so that the process cannot write to it, or is
#   given too much to do so.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
# custom:
#   severity: low
#   remediation: Say --chown=USER:GROUP, or --chmod where reading is enough.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.files.copy_owner

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [entry.index, "Cmd"]} if {
	some name in {"add", "copy"}
	some entry in dockerfile.of_command(name)
	user := user_at(entry)
	not user in {"root", "0"}
	not has_owner(entry.flags)
	msg := sprintf("%s brings files of root where USER is %s", [upper(entry.command), user])
}

has_owner(flags) if {
	some flag in flags
	regex.match(`^--(chown|chmod)=`, flag)
}

# The user in force at an instruction, without its group; a stage takes over that of the stage that it is built on.
user_at(entry) := split(entries[count(entries) - 1][1], ":")[0] if {
	entries := sort([[user.index, user.values[0]] |
		some user in dockerfile.of_command("user")
		user.stage in dockerfile.lineage(entry.stage)
		user.index < entry.index
	])
}
