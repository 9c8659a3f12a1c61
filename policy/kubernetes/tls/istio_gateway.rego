# METADATA
# title: An Istio Gateway serves plain HTTP
# description: |
#   A server with protocol HTTP serves in plain text, unless it redirects to https (tls.httpsRedirect); one with
#   HTTPS needs a TLS mode.
# related_resources:
#   - https://istio.io/latest/docs/reference/config/networking/gateway/
# custom:
#   severity: high
#   remediation: Serve HTTPS with tls.mode SIMPLE or MUTUAL, and set tls.httpsRedirect on the HTTP server.
#   kinds: [Gateway]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.istio_gateway

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "servers", index, "port", "protocol"])} if {
	some entry in gateways
	some index, server in shape.list_at(entry.object, ["spec", "servers"])
	upper(shape.text_at(server, ["port", "protocol"])) in {"HTTP", "HTTP2", "GRPC", "GRPC-WEB"}
	object.get(server, ["tls", "httpsRedirect"], false) != true
	msg := sprintf("%s serves plain HTTP on port %v", [kubernetes.name_of(entry.object), object.get(server, ["port", "number"], "")])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "servers", index, "tls", "mode"])} if {
	some entry in gateways
	some index, server in shape.list_at(entry.object, ["spec", "servers"])
	upper(shape.text_at(server, ["port", "protocol"])) == "HTTPS"
	object.get(server, ["tls", "mode"], "") == ""
	msg := sprintf("%s has no TLS mode for port %v", [kubernetes.name_of(entry.object), object.get(server, ["port", "number"], "")])
}

gateways contains entry if {
	some entry in kubernetes.objects
	entry.object.kind == "Gateway"
	startswith(shape.text_at(entry.object, ["apiVersion"]), "networking.istio.io/")
}
