package workloads

import data.names

deny contains msg if {
	input.kind == "Deployment"
	some container in input.spec.containers
	not container.resources.limits
	msg := sprintf("%s has no limits", [container.name])
}

deny contains msg if {
	input.kind in {"Deployment", "Service"}
	not input.metadata.labels.team
	msg := "there is no team"
}

# The index of a member is shared: neither statement alone filters.
deny contains sprintf("port %d is public", [input.spec.ports[i].number]) if {
	some i
	input.spec.ports[i].public
	input.spec.ports[i].number < 1024
}

# Both say the same: no test can tell them apart.
deny contains "the name is reserved" if {
	is_string(input.metadata.name)
	names.reserved(input.metadata.name)
	startswith(input.metadata.name, "kube-")
}

# Nothing asks for it.
warn contains "no one sees this" if input.never

# It fires, and the test does not look at what it says.
warn contains msg if {
	input.loud
	print("it is loud")
	msg := "it is loud"
}

warn contains "it is loud as well" if input.loud

default replicas := 1

replicas := count if {
	count := input.spec.replicas
	is_number(count)
	count > 0
}

size := "large" if {
	replicas > 10
} else := "medium" if {
	replicas > 3
	replicas < 100
} else := "small"

ports_by_name[port.name] := port.number if {
	some port in input.spec.ports
	port.name
}

all_private if {
	every port in input.spec.ports {
		not port.public
	}
}

images := {image |
	some container in input.spec.containers
	image := container.image
}

deny contains "there are images of two registries" if {
	count(images) > 1
	some image in images
	some other in images
	registry(image) != registry(other)
}

registry(image) := parts[0] if {
	parts := split(image, "/")
	count(parts) > 1
}

registry(image) := "docker.io" if not contains(image, "/")
