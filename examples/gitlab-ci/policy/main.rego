package main

import rego.v1

jobs[name] := job if {
	some name, job in input
	is_object(job)
	job.script
}

deny contains msg if {
	some name, job in jobs
	image := named(job.image)
	endswith(image, ":latest")
	msg := sprintf("job %s runs %s", [name, image])
}

deny contains msg if {
	some name, job in jobs
	named(job.environment) == "production"
	not job.when == "manual"
	msg := sprintf("job %s deploys to production without approval", [name])
}

# An image and an environment are written as a name or as an object with a name.
named(value) := value if is_string(value)

named(value) := value.name if is_object(value)
