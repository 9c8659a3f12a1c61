# METADATA
# title: A container has no CPU limit
# description: |
#   Without a limit, a container takes all processors of its node that nobody else requested; its speed depends on its
#   neighbours. Some want exactly that: then leave this policy out and hold kubernetes/resources/requests.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: low
#   remediation: Set resources.limits.cpu, of the container or of the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.resources.cpu_limit

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.resources

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", "limits", "cpu"])} if {
	some entry in resources.containers
	not resources.is_bounded(entry, "cpu")
	msg := sprintf("container %s has no cpu limit", [kubernetes.container_name(entry.container)])
}
