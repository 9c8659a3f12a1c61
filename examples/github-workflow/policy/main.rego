package main

import rego.v1

deny contains msg if {
	some job in input.jobs
	some step in job.steps
	uses := step.uses
	not startswith(uses, "./")
	not regex.match(`@[0-9a-f]{40}$`, uses)
	msg := sprintf("action %s is not pinned to a commit", [uses])
}

deny contains "the workflow states no permissions" if {
	not input.permissions
	some job in input.jobs
	not job.permissions
}
