package kpolicy.kubernetes.reliability.update_strategy_test

import data.kpolicy.kubernetes.reliability.update_strategy

workload(kind, field, type) := {"kind": kind, "metadata": {"name": "web"}, "spec": {field: {"type": type}}}

test_denies_what_does_not_roll if {
	every case in [["Deployment", "strategy", "Recreate"], ["DaemonSet", "updateStrategy", "OnDelete"]] {
		found := update_strategy.deny with input as workload(case[0], case[1], case[2])
		found == {{"msg": sprintf("%s web is updated by %s", [case[0], case[2]]), "path": ["spec", case[1], "type"]}}
	}
}

test_allows_rolling_updates if {
	every case in [["Deployment", "strategy", "RollingUpdate"], ["StatefulSet", "strategy", "OnDelete"]] {
		found := update_strategy.deny with input as workload(case[0], case[1], case[2])
		found == set()
	}
}
