# METADATA
# title: An HTTPProxy of Contour serves without TLS
# description: |
#   A root HTTPProxy without virtualhost.tls serves its host in plain text, and a route with permitInsecure does
#   so beside TLS.
# related_resources:
#   - https://projectcontour.io/docs/main/config/tls-termination/
# custom:
#   severity: high
#   remediation: Add virtualhost.tls with a Secret, and leave permitInsecure out.
#   kinds: [HTTPProxy]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.contour_httpproxy

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "virtualhost", "tls"])} if {
	some entry in proxies
	host := shape.text_at(entry.object, ["spec", "virtualhost", "fqdn"])
	host != ""
	not has_tls(shape.table_at(entry.object, ["spec", "virtualhost", "tls"]))
	msg := sprintf("%s serves %s without TLS", [kubernetes.name_of(entry.object), host])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "routes", index, "permitInsecure"])} if {
	some entry in proxies
	some index, route in shape.list_at(entry.object, ["spec", "routes"])
	route.permitInsecure == true
	msg := sprintf("%s serves a route without TLS too", [kubernetes.name_of(entry.object)])
}

proxies contains entry if {
	some entry in kubernetes.objects
	entry.object.kind == "HTTPProxy"
}

has_tls(tls) if shape.text_at(tls, ["secretName"]) != ""

has_tls(tls) if tls.passthrough == true
