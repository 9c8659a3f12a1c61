# METADATA
# title: An Ingress serves a host without TLS
# description: |
#   What passes in plain text can be read and changed on its way. Each host of the rules needs an entry of
#   spec.tls that names it, by name or by a wildcard of its domain; an entry without hosts is for all.
#   Certificates that the annotations of AWS and Google Cloud name count too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
# custom:
#   severity: high
#   remediation: Add the host to spec.tls with a Secret that holds its certificate.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.ingress

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "tls"])} if {
	some entry in ingresses
	shape.list_at(entry.object, ["spec", "tls"]) == []
	msg := sprintf("%s has no TLS", [kubernetes.name_of(entry.object)])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "rules", index, "host"])} if {
	some entry in ingresses
	shape.list_at(entry.object, ["spec", "tls"]) != []
	some index, rule in shape.list_at(entry.object, ["spec", "rules"])
	host := shape.text_at(rule, ["host"])
	host != ""
	not is_covered(host, entry.object)
	msg := sprintf("%s serves %s without TLS: no entry of spec.tls is for it", [kubernetes.name_of(entry.object), host])
}

# A rule without a host is for all hosts, and those that the entries name are not all.
deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "rules", index])} if {
	some entry in ingresses
	shape.list_at(entry.object, ["spec", "tls"]) != []
	not covers_all(entry.object)
	some index, rule in shape.list_at(entry.object, ["spec", "rules"])
	shape.text_at(rule, ["host"]) == ""
	msg := sprintf("%s serves every host, and spec.tls is for some of them", [kubernetes.name_of(entry.object)])
}

ingresses contains entry if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	not has_certificate(entry.object)
}

# Annotations by which a load balancer of a provider has its certificate.
certificates := {
	"alb.ingress.kubernetes.io/certificate-arn",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/managed-certificates",
}

has_certificate(ingress) if {
	some name in certificates
	shape.text_at(ingress, ["metadata", "annotations", name]) != ""
}

has_certificate(ingress) if {
	shape.text_at(ingress, ["metadata", "annotations", "traefik.ingress.kubernetes.io/router.tls"]) == "true"
}

is_covered(_, ingress) if covers_all(ingress)

covers_all(ingress) if {
	some tls in ingress.spec.tls
	shape.at(tls, ["hosts"]) in {null, []}
}

is_covered(host, ingress) if {
	some tls in ingress.spec.tls
	some covered in shape.list_at(tls, ["hosts"])
	is_for(covered, host)
}

is_for(covered, host) if covered == host

# A wildcard is for one label.
is_for(covered, host) if regex.replace(host, `^[^.]+\.`, "*.") == covered
