# METADATA
# title: Labels and annotations
# description: What required labels and annotations are judged on, and what an object lacks of them.
package kpolicy.lib.metadata

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pod_templates
import data.kpolicy.lib.shape

# The objects of the given kinds, a * for any characters: {"holder": …, "path": …, "name": …}.
objects(kinds) := {{"holder": entry.object, "path": entry.path, "name": kubernetes.name_of(entry.object)} |
	some entry in kubernetes.objects
	is_string(entry.object.kind)
	shape.matches_any(kinds, entry.object.kind)
}

# The pod templates of the objects of the given kinds.
templates(kinds) := {{"holder": entry.pod, "path": entry.path, "name": name} |
	some entry in kubernetes.pods
	entry.object.kind != "Pod"
	not entry.origin
	shape.matches_any(kinds, entry.object.kind)
	name := sprintf("the pod template of %s", [kubernetes.name_of(entry.object)])
}

# The kinds that are or create pods, of those that a group need not tell apart.
workloads := sort({kind | some kind, _ in pod_templates.paths; not contains(kind, ".")} | {"Pod"})

# The text of a label or annotation; empty where there is none.
value(holder, field, key) := sprintf("%v", [found]) if {
	found := object.get(holder, ["metadata", field, key], null)
	not is_null(found)
}

value(holder, field, key) := "" if is_null(object.get(holder, ["metadata", field, key], null))

# Whether a text is wholly of a pattern; what is no regular expression matches nothing.
is_of(pattern, text) if {
	regex.is_valid(pattern)
	regex.match(sprintf("^(?:%s)$", [pattern]), text)
}

# A message without places is complete as it is: sprintf would append what it has no place for.
filled(message, name, key) := sprintf(message, [name, key]) if contains(message, "%s")

filled(message, _, _) := message if not contains(message, "%s")
