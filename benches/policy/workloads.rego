package main

import data.lib.kubernetes

deny contains msg if {
	some container in kubernetes.containers
	kubernetes.mutable(container.image)
	msg := sprintf("%s: container %s runs a mutable image, %s", [kubernetes.name, container.name, container.image])
}

deny contains msg if {
	some container in kubernetes.containers
	not startswith(container.image, "registry.example.com/")
	msg := sprintf("%s: image %s is not from our registry", [kubernetes.name, container.image])
}

deny contains msg if {
	some container in kubernetes.containers
	not container.resources.limits.memory
	msg := sprintf("%s: container %s has no limit of memory", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	not container.resources.requests.cpu
	msg := sprintf("%s: container %s requests no processor", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	container.securityContext.privileged
	msg := sprintf("%s: container %s is privileged", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	container.securityContext.allowPrivilegeEscalation
	msg := sprintf("%s: container %s may gain privileges", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	not container.securityContext.readOnlyRootFilesystem
	msg := sprintf("%s: container %s can write to its image", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	not kubernetes.drops_all(container)
	msg := sprintf("%s: container %s keeps capabilities", [kubernetes.name, container.name])
}

deny contains msg if {
	input.kind == "Deployment"
	some container in kubernetes.containers
	not container.readinessProbe
	msg := sprintf("%s: container %s says not when it is ready", [kubernetes.name, container.name])
}

deny contains msg if {
	some container in kubernetes.containers
	some variable in container.env
	regex.match(`(?i)(password|token|secret)`, variable.name)
	variable.value
	msg := sprintf("%s: %s of container %s is in plain text", [kubernetes.name, variable.name, container.name])
}

deny contains sprintf("%s uses the network of its node", [kubernetes.name]) if kubernetes.pod.hostNetwork

deny contains msg if {
	kubernetes.pod
	not kubernetes.pod.securityContext.runAsNonRoot
	msg := sprintf("%s may run as root", [kubernetes.name])
}
