package kpolicy.lib.unseen_pods_test

import data.kpolicy.lib.unseen_pods

prometheus := {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s"}}

test_makers_by_namespace if {
	found := unseen_pods.first with data.inventory.objects as {"Prometheus": {"monitoring": {"k8s": [{"object": prometheus}]}}}
	found == {"monitoring": {"kind": "Prometheus", "name": "k8s"}}
}

cluster(version) := {"apiVersion": version, "kind": "Cluster", "metadata": {"name": "db"}}

test_clusters_of_databases_have_pods_made if {
	every version, expected in {
		"postgresql.cnpg.io/v1": {"shop": {"kind": "Cluster", "name": "db"}},
		"cluster.x-k8s.io/v1beta1": {},
	} {
		found := unseen_pods.first with data.inventory.objects as {"Cluster": {"shop": {"db": [{"object": cluster(version)}]}}}
		found == expected
	}
}

test_a_kind_without_a_group_is_no_custom_resource if {
	every odd in [object.union(prometheus, {"apiVersion": "v1"}), object.remove(prometheus, ["apiVersion"])] {
		found := unseen_pods.first with data.inventory.objects as {"Prometheus": {"monitoring": {"k8s": [{"object": odd}]}}}
		found == {}
	}
}
