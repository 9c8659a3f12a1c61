# METADATA
# title: A finished Job stays
# description: |
#   A Job of its own stays, with its pods, until somebody deletes it; the API server gets slower with each. A CronJob cleans
#   its Jobs up by itself.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
# custom:
#   severity: low
#   remediation: Set spec.ttlSecondsAfterFinished.
#   kinds: [Job]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.job_ttl

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "ttlSecondsAfterFinished"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Job"
	not is_number(object.get(entry.object, ["spec", "ttlSecondsAfterFinished"], null))
	not is_owned(entry.object)
	msg := sprintf("%s has no ttlSecondsAfterFinished", [kubernetes.name_of(entry.object)])
}

is_owned(job) if shape.list_at(job, ["metadata", "ownerReferences"]) != []
