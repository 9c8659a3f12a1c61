package main

import rego.v1

jobs[name] := job if {
	some name, job in input
	is_object(job)
	job.script
}

deny contains msg if {
	some name, job in jobs
	endswith(job.image, ":latest")
	msg := sprintf("job %s runs %s", [name, job.image])
}

deny contains msg if {
	some name, job in jobs
	job.environment == "production"
	not job.when == "manual"
	msg := sprintf("job %s deploys to production without approval", [name])
}
