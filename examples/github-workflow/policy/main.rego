package main

import rego.v1

deny contains msg if {
	some uses in used
	not startswith(uses, "./")
	not regex.match(`@([0-9a-f]{40}|sha256:[0-9a-f]{64})$`, uses)
	msg := sprintf("action %s is not pinned to a commit", [uses])
}

# A step uses an action, and a job a workflow.
used contains step.uses if {
	some job in input.jobs
	some step in job.steps
}

used contains job.uses if some job in input.jobs

deny contains "the workflow states no permissions" if {
	not input.permissions
	some job in input.jobs
	not job.permissions
}
