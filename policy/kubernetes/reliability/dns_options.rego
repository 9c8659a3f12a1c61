# METADATA
# title: A pod asks for each outside name several times
# description: |
#   With the default ndots:5, a name such as db.example.com is first looked up in each search domain of the cluster: up to five
#   queries for one. Names that need it can be written with a dot at their end instead.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config
# custom:
#   severity: low
#   remediation: Add the option ndots with a value of 2 or less to dnsConfig.options.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.dns_options

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "dnsConfig", "options"])} if {
	some entry in kubernetes.pods
	not shape.text_at(entry.pod, ["spec", "dnsPolicy"]) in {"Default", "None"}
	not is_low(entry.pod)
	msg := sprintf("the pods of %s have no low ndots among their DNS options", [kubernetes.name_of(entry.object)])
}

is_low(pod) if {
	some option in shape.list_at(pod, ["spec", "dnsConfig", "options"])
	option.name == "ndots"
	sprintf("%v", [option.value]) in {"0", "1", "2"}
}
