# METADATA
# title: Roles and bindings
# description: |
#   Who is given what. A rule is judged by what it grants, as the API server's authorizer reads it: the API group counts,
#   * and */SUBRESOURCE stand for others, and PREFIX/* for nothing. Roles, bindings and the roles that gather others by
#   their labels are looked up in the whole set.
package kpolicy.lib.rbac

import data.kpolicy.lib.bootstrap_roles
import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

# The group of roles and bindings.
group := "rbac.authorization.k8s.io"

# The roles under review.
roles contains entry if {
	some entry in kubernetes.objects
	entry.object.kind in {"Role", "ClusterRole"}
	is_of_rbac(entry.object)
}

# The bindings under review.
bindings contains entry if {
	some entry in kubernetes.objects
	entry.object.kind in {"RoleBinding", "ClusterRoleBinding"}
	is_of_rbac(entry.object)
}

# Other projects have kinds of these names in groups of theirs.
is_of_rbac(object_) if not contains(shape.text_at(object_, ["apiVersion"]), "/")

is_of_rbac(object_) if inventory.in_group(object_, group)

is_of_rbac(object_) if inventory.in_group(object_, "authorization.openshift.io")

# Roles that the API server makes itself.
is_of_kubernetes(role) if bootstrap_roles.is_one(role.kind, inventory.namespace_of(role), inventory.name_of(role))

# Each rule of the roles under review that are not Kubernetes' own: {"object": …, "rule": …, "path": …}.
rules contains {"object": entry.object, "rule": rule, "path": array.concat(entry.path, ["rules", index])} if {
	some entry in roles
	not is_of_kubernetes(entry.object)
	some index, rule in shape.list_at(entry.object, ["rules"])
	is_object(rule)
}

# The rules that grant some of these ways, each {"group": …, "resource": …, "verbs": …}: the entry of `rules`, with what
# is granted in words.
granting(ways) := {object.union(entry, {"what": concat(" and ", texts)}) |
	some entry in rules
	granted := [[concat(", ", verbs), way.resource] |
		some way in ways
		verbs := [verb | some verb in way.verbs; grants(entry.rule, verb, way.group, way.resource)]
		verbs != []
	]
	granted != []
	texts := [sprintf("%s %s", [verbs, concat(", ", resources)]) |
		some verbs in {verbs | some [verbs, _] in granted}
		resources := [resource | some [own, resource] in granted; own == verbs]
	]
}

# Whether a rule lets its holders use a verb on a resource, or on a subresource as in pods/exec.
grants(rule, verb, group_, resource) if {
	names(rule, "verbs", verb)
	names(rule, "apiGroups", group_)
	some given in shape.list_at(rule, ["resources"])
	covers(given, resource)
	is_possible(rule, verb, resource)
}

names(rule, field, value) if {
	some given in shape.list_at(rule, [field])
	given in {"*", value}
}

covers("*", _)

covers(given, resource) if given == resource

covers(given, resource) if {
	[_, subresource] := split(resource, "/")
	given == sprintf("*/%s", [subresource])
}

# What is created has no name yet when it is asked for, so that a rule with names grants it to nobody.
is_possible(rule, _, _) if not is_narrow(rule)

is_possible(_, verb, resource) if not is_creation(verb, resource)

is_creation(verb, resource) if {
	verb == "create"
	not contains(resource, "/")
}

# Whether a rule is for objects of some names alone.
is_narrow(rule) if shape.list_at(rule, ["resourceNames"]) != []

# Whether a rule is for some names alone, none of which is one of these.
is_narrow_beside(rule, dangerous) if {
	is_narrow(rule)
	every name in rule.resourceNames {
		not shape.matches_any(dangerous, name)
	}
}

# What a finding about an entry of `granting` says: who may do what, through which binding.
message(entry) := sprintf("%s lets its holders %s%s", [kubernetes.name_of(entry.object), entry.what, holders_text(entry.object)])

holders_text(role) := "" if holders(role) == set()

holders_text(role) := sprintf(": %s%s", [concat(", ", array.slice(all, 0, 3)), more]) if {
	all := sort(holders(role))
	all != []
	more := rest(count(all) - 3)
}

rest(number) := "" if number <= 0

rest(number) := sprintf(" and %d more", [number]) if number > 0

# Who has a role by the bindings of the set: `serviceaccount:shop/web through RoleBinding web in namespace shop`.
holders(role) := {holder |
	some name in array.concat([inventory.name_of(role)], sort(gathering(role)))
	some holder in holders_of[key(role, name)]
}

key(role, name) := ["ClusterRole", "", name] if role.kind == "ClusterRole"

key(role, name) := ["Role", inventory.namespace_of(role), name] if role.kind == "Role"

# The roles that a role is a part of, by its labels and their aggregationRule: those of the set, and Kubernetes' own.
gathering(role) := set() if role.kind != "ClusterRole"

gathering(role) := of_set | of_kubernetes if {
	role.kind == "ClusterRole"
	of_set := {name |
		some [name, selector] in aggregating
		selectors.matches(selector, inventory.labels_of(role))
	}
	of_kubernetes := {name |
		some to, names_ in {"view": ["view", "edit", "admin"], "edit": ["edit", "admin"], "admin": ["admin"]}
		object.get(inventory.labels_of(role), sprintf("rbac.authorization.k8s.io/aggregate-to-%s", [to]), "") == "true"
		some name in names_
	}
}

aggregating contains [inventory.name_of(entry.object), selector] if {
	some entry in inventory.everywhere("ClusterRole")
	some selector in shape.list_at(entry.object, ["aggregationRule", "clusterRoleSelectors"])
}

# By role, who is bound to it.
holders_of[role] contains holder if {
	some kind in ["RoleBinding", "ClusterRoleBinding"]
	some entry in inventory.everywhere(kind)
	binding := entry.object
	role := role_key(binding, shape.text_at(binding, ["roleRef", "kind"]))
	some subject in shape.list_at(binding, ["subjects"])
	holder := sprintf("%s through %s%s", [account(subject, binding), kubernetes.name_of(binding), place(binding)])
}

role_key(binding, kind) := [kind, namespace_of(binding, kind), shape.text_at(binding, ["roleRef", "name"])]

place(binding) := "" if binding.kind == "ClusterRoleBinding"

place(binding) := sprintf(" in namespace %s", [inventory.namespace_of(binding)]) if binding.kind != "ClusterRoleBinding"

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
	some rule in rules_of(role)
	some verb in shape.list_at(rule, ["verbs"])
	not verb in {"get", "list", "watch"}
}

# A role that gathers others by their labels gathers those of the cluster too, and they may be anything.
writes(binding) if {
	some role in roles_of(binding)
	gathers(role)
	parts_of(role) == set()
}

writes(binding) if {
	roles_of(binding) == set()
	not shape.text_at(binding, ["roleRef", "name"]) in {"view", "system:discovery", "system:basic-user"}
}

# The rules of a role: its own, or those of the roles that it gathers.
rules_of(role) := shape.list_at(role, ["rules"]) if not gathers(role)

rules_of(role) := [rule | some part in parts_of(role); some rule in shape.list_at(part, ["rules"])] if gathers(role)

gathers(role) if is_object(role.aggregationRule)

parts_of(role) := {entry.object |
	some selector in shape.list_at(role, ["aggregationRule", "clusterRoleSelectors"])
	some entry in inventory.everywhere("ClusterRole")
	selectors.matches(selector, inventory.labels_of(entry.object))
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
