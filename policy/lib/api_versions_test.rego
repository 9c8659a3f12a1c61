package kpolicy.lib.api_versions_test

import data.kpolicy.lib.api_versions

test_each_row_has_a_release_and_a_served_successor if {
	every version, kinds in api_versions.removed {
		regex.match(`/v[0-9]+beta[0-9]+$`, version)
		every row in kinds {
			regex.match(`^1\.[0-9]+$`, row[0])
			regex.match(`^([a-z0-9.]+/v[0-9]+)?$`, row[1])
		}
	}
}

test_some_rows_of_the_deprecation_guide if {
	api_versions.removed["batch/v1beta1"].CronJob == ["1.25", "batch/v1"]
	api_versions.removed["autoscaling/v2beta2"].HorizontalPodAutoscaler == ["1.26", "autoscaling/v2"]
	api_versions.removed["flowcontrol.apiserver.k8s.io/v1beta3"].FlowSchema[0] == "1.32"
}
