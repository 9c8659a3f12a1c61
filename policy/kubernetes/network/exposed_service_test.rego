package kpolicy.kubernetes.network.exposed_service_test

import data.kpolicy.kubernetes.network.exposed_service

service(type, annotations) := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
	"spec": {"type": type},
}

test_denies_what_is_open if {
	every type in ["NodePort", "LoadBalancer"] {
		found := exposed_service.deny with input as service(type, {})
		found == {{"msg": sprintf("Service web is open to the outside as %s", [type]), "path": ["spec", "type"]}}
	}
}

test_allows_what_is_not if {
	inside_network := exposed_service.deny
		with input as service("LoadBalancer", {"networking.gke.io/load-balancer-type": "Internal"})
	inside_network == set()
	inside := exposed_service.deny with input as service("ClusterIP", {})
	inside == set()
	given := exposed_service.deny with input as service("LoadBalancer", {})
		with data.params.network.exposed_service.allowed as ["shop/*"]
	given == set()
}
