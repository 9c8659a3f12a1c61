package kpolicy.kubernetes.reliability.anti_affinity_test

import data.kpolicy.kubernetes.reliability.anti_affinity

deployment(many, spec) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": {"replicas": many, "template": {"spec": spec}},
}

required := "requiredDuringSchedulingIgnoredDuringExecution"

test_denies_replicas_that_nothing_spreads if {
	every spec in [{}, {"affinity": null}, {"topologySpreadConstraints": []}, {"affinity": {"podAntiAffinity": {required: []}}}] {
		found := anti_affinity.deny with input as deployment(2, spec)
		found == {{
			"msg": "nothing keeps the replicas of Deployment web from one node",
			"path": ["spec", "template", "spec", "topologySpreadConstraints"],
		}}
	}
}

test_allows_what_is_spread_and_one_replica if {
	every spec in [{"topologySpreadConstraints": [{}]}, {"affinity": {"podAntiAffinity": {required: [{}]}}}] {
		found := anti_affinity.deny with input as deployment(2, spec)
		found == set()
	}
	alone := anti_affinity.deny with input as deployment(1, {})
	alone == set()
}
