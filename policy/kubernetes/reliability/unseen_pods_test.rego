package kpolicy.kubernetes.reliability.unseen_pods_test

import data.kpolicy.kubernetes.reliability.unseen_pods

resource(kind, name) := {"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": {"name": name, "namespace": "monitoring"}}

objects := {
	"Alertmanager": {"monitoring": {"main": [{"object": resource("Alertmanager", "main")}]}},
	"Prometheus": {"monitoring": {"k8s": [{"object": resource("Prometheus", "k8s")}]}},
}

test_says_it_once_for_a_namespace if {
	first := unseen_pods.deny with input as resource("Alertmanager", "main") with data.inventory.objects as objects
	first == {{
		"msg": "the pods of Alertmanager main are not in the files: Services and policies of namespace monitoring that select nothing are not reported",
		"path": ["metadata", "name"],
	}}
	second := unseen_pods.deny with input as resource("Prometheus", "k8s") with data.inventory.objects as objects
	second == set()
}

test_leaves_kinds_of_other_projects_alone if {
	cluster := {"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "metadata": {"name": "a", "namespace": "monitoring"}}
	found := unseen_pods.deny with input as cluster with data.inventory.objects as {"Cluster": {"monitoring": {"a": [{"object": cluster}]}}}
	found == set()
}
