package main

import rego.v1

deny contains msg if {
	input.kind == "Application"
	input.spec.project == "default"
	msg := sprintf("application %s belongs to the default project", [input.metadata.name])
}

deny contains msg if {
	input.kind == "Application"
	some source in sources
	source.targetRevision in {"HEAD", "main", "master"}
	msg := sprintf("application %s follows %s", [input.metadata.name, source.targetRevision])
}

# An application has one source or several.
sources contains input.spec.source

sources contains source if some source in input.spec.sources
