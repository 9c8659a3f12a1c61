# What the rules share: pods and containers of each kind of object.
package lib.kubernetes

workloads := {"CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"}

pod := input.spec.template.spec if input.kind in workloads

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

containers contains container if some container in pod.containers

containers contains container if some container in pod.initContainers

name := sprintf("%s %s", [input.kind, input.metadata.name])

tag(image) := parts[count(parts) - 1] if {
	parts := split(image, ":")
	count(parts) > 1
}

mutable(image) if not contains(image, ":")

mutable(image) if tag(image) in {"latest", "main", "master"}

drops_all(container) if "ALL" in container.securityContext.capabilities.drop
