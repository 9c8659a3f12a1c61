# METADATA
# title: Network policies of other projects
# description: |
#   The policies of Cilium, Calico and Kubernetes' network-policy-api in the whole set: which pods they isolate, in which
#   direction. Each counts where it denies what it does not allow; what cannot be told of a selector counts as selected,
#   so that no pod is reported which a policy may protect.
package kpolicy.lib.network_projects

import data.kpolicy.lib.inventory
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

# Whether a policy of another project isolates a pod in a direction.
isolates(namespace, labels, direction) if {
	some part in for_namespace(namespace)
	direction in part.directions
	selects(part, namespace, labels)
}

# Whether a policy of another project denies by default for all pods of a namespace.
denies_by_default(namespace, direction) if {
	some part in for_namespace(namespace)
	direction in part.directions
	part.everything
	is_for(part, namespace)
}

# Whether the set has a policy of another project for a namespace.
has_policy(namespace) if {
	some part in for_namespace(namespace)
	is_for(part, namespace)
}

for_namespace(namespace) := object.get(by_namespace, namespace, set()) | object.get(by_namespace, "", set())

# The parts of all policies by namespace, those for the whole cluster under "": {"directions": …, "everything": …}, with
# what says which pods they are for: the endpoints of Cilium, the terms of Calico, or the subject of the
# network-policy-api.
by_namespace[namespace] contains part if {
	some kind, namespace in {"CiliumClusterwideNetworkPolicy": ""}
	some entry in inventory.everywhere(kind)
	some part in cilium_parts(entry.object)
}

by_namespace[namespace] contains part if {
	some entry in inventory.everywhere("CiliumNetworkPolicy")
	namespace := inventory.namespace_of(entry.object)
	some part in cilium_parts(entry.object)
}

by_namespace[namespace] contains part if {
	some entry in inventory.everywhere("NetworkPolicy")
	is_of_calico(entry.object)
	namespace := inventory.namespace_of(entry.object)
	part := calico_part(entry.object)
}

by_namespace[""] contains part if {
	some entry in inventory.everywhere("GlobalNetworkPolicy")
	part := calico_part(entry.object)
}

by_namespace[""] contains part if {
	some kind in ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"]
	some entry in inventory.everywhere(kind)
	part := admin_part(entry.object)
}

is_of_calico(object_) if {
	some group in ["projectcalico.org", "crd.projectcalico.org"]
	inventory.in_group(object_, group)
}

# Cilium: a part isolates in a direction that it has rules for, or says that it denies by default in.
cilium_parts(object_) := {part |
	some spec in array.concat([shape.table_at(object_, ["spec"])], shape.list_at(object_, ["specs"]))
	is_object(spec.endpointSelector)
	part := {
		"endpoints": without_sources(spec.endpointSelector),
		"directions": {direction |
			some direction, field in {"Ingress": "ingress", "Egress": "egress"}
			cilium_isolates(spec, field)
		},
		"everything": is_for_all(without_namespace(spec.endpointSelector)),
	}
}

default is_for_all(_) := false

is_for_all(selector) if selectors.selects_all(selector)

cilium_isolates(spec, field) if {
	some name in [field, sprintf("%sDeny", [field])]
	is_array(object.get(spec, name, null))
	shape.at(spec, ["enableDefaultDeny", field]) != false
}

cilium_isolates(spec, field) if shape.at(spec, ["enableDefaultDeny", field]) == true

# Cilium writes the source of a label before it, and has the namespace among the labels.
without_sources(selector) := object.union(object.remove(selector, ["matchLabels"]), {"matchLabels": {own: value |
	some key, value in shape.table_at(selector, ["matchLabels"])
	own := regex.replace(sprintf("%v", [key]), `^(k8s|any):`, "")
}})

without_namespace(selector) := object.union(object.remove(selector, ["matchLabels"]), {"matchLabels": object.remove(
	without_sources(selector).matchLabels,
	["io.kubernetes.pod.namespace"],
)})

# Calico: without types, a policy is for the directions that it has rules for, and Ingress where it has none.
calico_part(object_) := {
	"terms": calico_terms(object_, "selector"),
	"namespace_terms": calico_terms(object_, "namespaceSelector"),
	"directions": calico_directions(object.get(object_, "spec", {})),
	"everything": trim_space(shape.text_at(object_, ["spec", "selector"])) in {"", "all()"},
}

calico_terms(object_, field) := [trim_space(term) | some term in split(shape.text_at(object_, ["spec", field]), "&&")]

calico_directions(spec) := {type | some type in spec.types} if shape.list_at(spec, ["types"]) != []

calico_directions(spec) := {"Egress"} if {
	shape.list_at(spec, ["types"]) == []
	shape.list_at(spec, ["egress"]) != []
	shape.list_at(spec, ["ingress"]) == []
}

calico_directions(spec) := {"Ingress"} if {
	shape.list_at(spec, ["types"]) == []
	shape.list_at(spec, ["egress"]) == []
}

calico_directions(spec) := {"Ingress", "Egress"} if {
	shape.list_at(spec, ["types"]) == []
	shape.list_at(spec, ["egress"]) != []
	shape.list_at(spec, ["ingress"]) != []
}

# The network-policy-api: a policy isolates where it denies what comes from, or goes to, all namespaces or addresses.
admin_part(object_) := {
	"subject": shape.table_at(object_, ["spec", "subject"]),
	"directions": {direction |
		some direction, fields in {"Ingress": ["ingress", "from"], "Egress": ["egress", "to"]}
		some rule in shape.list_at(object_, ["spec", fields[0]])
		rule.action == "Deny"
		some peer in shape.list_at(rule, [fields[1]])
		is_everywhere(peer)
	},
	"everything": shape.at(object_, ["spec", "subject", "pods"]) == null,
}

is_everywhere(peer) if selectors.selects_all(peer.namespaces)

is_everywhere(peer) if {
	some range in peer.networks
	endswith(sprintf("%v", [range]), "/0")
}

# Whether a part is for a pod.
selects(part, namespace, labels) if {
	own := {"io.kubernetes.pod.namespace": namespace}
	selectors.matches(part.endpoints, object.union(labels, own))
}

selects(part, namespace, labels) if {
	is_for(part, namespace)
	every term in part.terms { calico_matches(term, labels) }
}

selects(part, namespace, _) if {
	part.everything
	is_for(part, namespace)
}

selects(part, namespace, labels) if {
	subject := part.subject.pods
	selectors.matches(subject.namespaceSelector, inventory.namespace_labels(namespace))
	selectors.matches(subject.podSelector, labels)
}

# A term of a selector that is none of these counts: it is all() or empty, or its meaning is not known.
calico_matches(term, _) if not is_known(term)

calico_matches(term, labels) if {
	[_, key, value] := regex.find_all_string_submatch_n(comparison, term, 1)[0]
	labels[key] == value
}

calico_matches(term, labels) if {
	[_, key] := regex.find_all_string_submatch_n(presence, term, 1)[0]
	key in object.keys(labels)
}

is_known(term) if regex.match(comparison, term)

is_known(term) if regex.match(presence, term)

comparison := `^([A-Za-z0-9_./-]+)\s*==\s*['"]([^'"]*)['"]$`

presence := `^has\(([A-Za-z0-9_./-]+)\)$`

# Whether a part may be for pods of a namespace.
is_for(part, namespace) if {
	object.get(part.endpoints.matchLabels, "io.kubernetes.pod.namespace", namespace) == namespace
}

is_for(part, namespace) if {
	labels := inventory.namespace_labels(namespace)
	every term in part.namespace_terms { calico_matches(term, with_name(labels, namespace)) }
}

is_for(part, namespace) if {
	some selector in [shape.at(part.subject, ["namespaces"]), shape.at(part.subject, ["pods", "namespaceSelector"])]
	selectors.matches(selector, inventory.namespace_labels(namespace))
}

# Calico has the name of a namespace among its labels too.
with_name(labels, namespace) := object.union(labels, {"projectcalico.org/name": namespace})
