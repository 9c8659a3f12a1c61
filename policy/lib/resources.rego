# METADATA
# title: Requests and limits
# description: |
#   What containers and pods ask for and are bound by. An ephemeral container has no resources of its own: Kubernetes
#   refuses them there.
package kpolicy.lib.resources

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.quantity
import data.kpolicy.lib.shape

# Each container that can have resources, as in `kubernetes.containers`.
containers contains entry if {
	some entry in kubernetes.containers
	not "ephemeralContainers" in {step | some step in entry.path}
}

# Each holder of resources, a container or a whole pod: {"holder": …, "path": …, "name": …}.
holders contains {"holder": entry.container, "path": array.concat(entry.path, ["resources"]), "name": name} if {
	some entry in containers
	name := sprintf("container %s", [kubernetes.container_name(entry.container)])
}

holders contains {"holder": entry.pod.spec, "path": kubernetes.at(entry, ["spec", "resources"]), "name": "the pod"} if {
	some entry in kubernetes.pods
	is_object(entry.pod.spec.resources)
}

# Each value: {"field": "limits" or "requests", "resource": …, "value": …, "path": …, "name": …}.
values contains entry if {
	some holder in holders
	some field in ["limits", "requests"]
	some resource, value in shape.table_at(holder.holder, ["resources", field])
	entry := {
		"field": field,
		"resource": resource,
		"value": value,
		"path": array.concat(holder.path, [field, resource]),
		"name": holder.name,
	}
}

# The amount of a resource that a holder's field gives; undefined for none, and for what is no quantity.
amount(holder, field, resource) := quantity.billionths(object.get(holder, ["resources", field, resource], null))

# Whether a container or its pod has a limit that is one: the kubelet takes zero as none.
is_bounded(entry, resource) if amount(entry.container, "limits", resource) > 0

is_bounded(entry, resource) if amount(entry.pod.spec, "limits", resource) > 0

# Whether a container or its pod asks for a resource. Where only a limit is given, Kubernetes takes it as the request.
is_requested(entry, resource) if {
	some holder in [entry.container, entry.pod.spec]
	some field in ["limits", "requests"]
	amount(holder, field, resource)
}

# The bounds of a parameter that are no quantities, so that a misspelled one does not silence its policy.
faulty(bounds) := {[resource, bound] |
	some resource, bound in bounds
	not quantity.is_valid(bound)
}
