package kpolicy.kubernetes.reliability.job_ttl_test

import data.kpolicy.kubernetes.reliability.job_ttl

job(spec) := {"kind": "Job", "metadata": {"name": "migrate"}, "spec": spec}

test_denies_none if {
	every spec in [{}, null, {"ttlSecondsAfterFinished": null}] {
		found := job_ttl.deny with input as job(spec)
		found == {{
			"msg": "Job migrate has no ttlSecondsAfterFinished",
			"path": ["spec", "ttlSecondsAfterFinished"],
		}}
	}
}

test_allows_a_time_even_none if {
	found := job_ttl.deny with input as job({"ttlSecondsAfterFinished": 0})
	found == set()
}

test_allows_the_job_of_a_cron_job if {
	found := job_ttl.deny with input as {"kind": "Job", "metadata": {"ownerReferences": [{"kind": "CronJob"}]}, "spec": {}}
	found == set()
}

test_a_cron_job_cleans_up_by_itself if {
	found := job_ttl.deny with input as {"kind": "CronJob", "metadata": {"name": "night"}, "spec": {"jobTemplate": {"spec": {}}}}
	found == set()
}
