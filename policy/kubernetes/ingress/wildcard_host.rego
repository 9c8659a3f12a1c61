# METADATA
# title: An Ingress takes every host
# description: |
#   A rule for *.example.com, or for no host at all, takes what is meant for others: a new name under the domain is answered
#   by this application before anybody decided so.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
# custom:
#   severity: low
#   remediation: Name the hosts.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.ingress.wildcard_host

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "rules", index, "host"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	some index, rule in shape.list_at(entry.object, ["spec", "rules"])
	host := shape.text_at(rule, ["host"])
	contains_all(host)
	msg := sprintf("%s has a rule for %s", [kubernetes.name_of(entry.object), shown(host)])
}

contains_all(host) if host == ""

contains_all(host) if contains(host, "*")

shown("") := "every host"

shown(host) := sprintf("host %s", [host]) if host != ""
