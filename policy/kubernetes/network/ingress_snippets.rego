# METADATA
# title: An Ingress writes configuration of its own into the controller
# description: |
#   Annotations with snippets put text into the configuration of nginx. Whoever may write an Ingress can so read every
#   Secret that the controller can (CVE-2021-25742), and later versions of the controller refuse them by default.
# related_resources:
#   - https://github.com/kubernetes/kubernetes/issues/126811
#   - https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/
# custom:
#   severity: high
#   remediation: Say it by an annotation of its own, or in the controller's ConfigMap.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.network.ingress_snippets

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "annotations", key])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	some key, _ in shape.table_at(entry.object, ["metadata", "annotations"])
	regex.match(`^(nginx\.ingress\.kubernetes\.io/[a-z-]*|nginx\.org/[a-z-]*)-?snippets?$`, key)
	msg := sprintf("%s writes into the controller's configuration by %s", [kubernetes.name_of(entry.object), key])
}
