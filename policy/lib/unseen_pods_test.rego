package kpolicy.lib.unseen_pods_test

import data.kpolicy.lib.unseen_pods

prometheus := {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s"}}

test_makers_by_namespace if {
	found := unseen_pods.first with data.inventory.objects as {"Prometheus": {"monitoring": {"k8s": [{"object": prometheus}]}}}
	found == {"monitoring": {"kind": "Prometheus", "name": "k8s"}}
}
