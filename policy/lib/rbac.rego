# METADATA
# title: Roles and bindings
# description: Who is given what, by the roles and bindings under review, with roles looked up in the whole set.
package kpolicy.lib.rbac

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

# The roles under review.
roles contains entry if {
	some entry in kubernetes.objects
	entry.object.kind in {"Role", "ClusterRole"}
}

# The bindings under review.
bindings contains entry if {
	some entry in kubernetes.objects
	entry.object.kind in {"RoleBinding", "ClusterRoleBinding"}
}

# Roles that the API server makes itself.
is_of_kubernetes(role) if shape.text_at(role, ["metadata", "labels", "kubernetes.io/bootstrapping"]) != ""

is_of_kubernetes(role) if startswith(inventory.name_of(role), "system:")

# How a subject is named: user:NAME, group:NAME, or serviceaccount:NAMESPACE/NAME.
account(subject, binding) := sprintf("serviceaccount:%v/%s", [namespace, shape.text_at(subject, ["name"])]) if {
	subject.kind == "ServiceAccount"
	namespace := object.get(subject, "namespace", inventory.namespace_of(binding))
}

account(subject, _) := sprintf("%s:%s", [lower(kind), shape.text_at(subject, ["name"])]) if {
	kind := shape.text_at(subject, ["kind"])
	kind != "ServiceAccount"
}

# Whether a binding's role may write, as far as is known: one that the files do not have may.
writes(binding) if {
	some role in roles_of(binding)
	some rule in shape.list_at(role, ["rules"])
	some verb in shape.list_at(rule, ["verbs"])
	not verb in {"get", "list", "watch"}
}

# A role that gathers others by their labels is what they are, and they may be anywhere.
writes(binding) if {
	some role in roles_of(binding)
	is_object(role.aggregationRule)
}

writes(binding) if {
	roles_of(binding) == set()
	not shape.text_at(binding, ["roleRef", "name"]) in {"view", "system:discovery", "system:basic-user"}
}

# The roles that a binding refers to, in the files.
roles_of(binding) := {entry.object |
	some entries in [object.get(inventory.by_kind, [kind, namespace_of(binding, kind), name], [])]
	some entry in entries
} if {
	kind := shape.text_at(binding, ["roleRef", "kind"])
	name := shape.text_at(binding, ["roleRef", "name"])
}

namespace_of(_, "ClusterRole") := ""

namespace_of(binding, kind) := inventory.namespace_of(binding) if kind != "ClusterRole"

# Whether a rule is for the core API group.
is_for_core(rule) if {
	some group in shape.list_at(rule, ["apiGroups"])
	group in {"", "*"}
}
