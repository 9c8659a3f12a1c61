package main

import rego.v1

deny contains msg if {
	input.kind == "Application"
	input.spec.project == "default"
	msg := sprintf("application %s belongs to the default project", [input.metadata.name])
}

deny contains msg if {
	input.kind == "Application"
	input.spec.source.targetRevision in {"HEAD", "main", "master"}
	msg := sprintf("application %s follows %s", [input.metadata.name, input.spec.source.targetRevision])
}
