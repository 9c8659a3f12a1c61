# METADATA
# title: A pod has host names of its own
# description: |
#   hostAliases write addresses into /etc/hosts, past DNS and past whoever moves the address: the pod goes on talking to the
#   old one.
# related_resources:
#   - https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/
# custom:
#   severity: low
#   remediation: Name the address in DNS, for instance by a Service of type ExternalName.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.host_aliases

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "hostAliases"])} if {
	some entry in kubernetes.pods
	shape.list_at(entry.pod, ["spec", "hostAliases"]) != []
	msg := sprintf("%s has hostAliases", [kubernetes.name_of(entry.object)])
}
