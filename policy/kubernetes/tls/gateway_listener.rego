# METADATA
# title: A Gateway listens in plain HTTP
# description: |
#   A listener of a Gateway or a ListenerSet with protocol HTTP serves in plain text, unless every HTTPRoute of the
#   files that is attached to it only redirects to https, and there is one.
# related_resources:
#   - https://gateway-api.sigs.k8s.io/guides/tls/
#   - https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/
# custom:
#   severity: high
#   remediation: |
#     Give the listener the protocol HTTPS with a certificate, or attach an HTTPRoute with a RequestRedirect to
#     https.
#   kinds: [Gateway, ListenerSet, XListenerSet]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.gateway_listener

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "listeners", index, "protocol"])} if {
	inventory.known
	some entry in kubernetes.objects
	inventory.in_group(entry.object, groups[entry.object.kind])
	some index, listener in shape.list_at(entry.object, ["spec", "listeners"])
	listener.protocol == "HTTP"
	not only_redirects(entry.object, listener)
	name := shape.text_at(listener, ["name"])
	msg := sprintf("listener %s of %s serves plain HTTP", [name, kubernetes.name_of(entry.object)])
}

# The kinds that have listeners.
groups := {
	"Gateway": "gateway.networking.k8s.io",
	"ListenerSet": "gateway.networking.k8s.io",
	"XListenerSet": "gateway.networking.x-k8s.io",
}

only_redirects(gateway, listener) if {
	routes := attached(gateway, listener)
	count(routes) > 0
	every route in routes { redirects(route) }
}

# A route of a Gateway is not attached to the listeners that a ListenerSet adds to it, nor the other way round.
attached(gateway, listener) := {entry.object |
	some entry in inventory.everywhere("HTTPRoute")
	some parent in shape.list_at(entry.object, ["spec", "parentRefs"])
	object.get(parent, "kind", "Gateway") == gateway.kind
	object.get(parent, "group", "gateway.networking.k8s.io") == groups[gateway.kind]
	parent.name == inventory.name_of(gateway)
	object.get(parent, "namespace", inventory.namespace_of(entry.object)) == inventory.namespace_of(gateway)
	object.get(parent, "sectionName", listener.name) == listener.name
	shape.at(parent, ["port"]) in {null, shape.at(listener, ["port"])}
}

redirects(route) if {
	rules := shape.list_at(route, ["spec", "rules"])
	rules != []
	every rule in rules { to_https(rule) }
}

to_https(rule) if {
	some filter in rule.filters
	filter.type == "RequestRedirect"
	filter.requestRedirect.scheme == "https"
}
