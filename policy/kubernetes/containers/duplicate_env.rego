# METADATA
# title: An environment variable is given twice
# description: |
#   The last one holds; whoever reads or changes the first is wrong, and patches by name may drop either.
# related_resources:
#   - https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
# custom:
#   severity: medium
#   remediation: Keep one of the entries.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.containers.duplicate_env

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["env", index, "name"])} if {
	some entry in kubernetes.containers
	some name, indexes in places(shape.list_at(entry.container, ["env"]))
	index := max(indexes)
	index > min(indexes)
	container := kubernetes.container_name(entry.container)
	msg := sprintf("container %s has %d variables of the name %s", [container, count(indexes), name])
}

places(variables) := {name: indexes |
	some variable in variables
	name := variable.name
	is_string(name)
	indexes := {index | some index, other in variables; other.name == name}
}
