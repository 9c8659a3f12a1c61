package kpolicy.kubernetes.references.service_port_test

import data.kpolicy.kubernetes.references.service_port

service(target) := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {
	"selector": {"app": "web"},
	"ports": [{"port": 80, "targetPort": target}],
}}

objects(ports) := {"Pod": {"default": {"web": [{"object": {
	"kind": "Pod",
	"metadata": {"name": "web", "labels": {"app": "web", "x": "y"}},
	"spec": {"containers": [{"name": "web", "ports": ports}]},
}}]}}}

http_port := [{"name": "http", "containerPort": 8080}]

test_denies_what_no_container_has if {
	every target in ["web", 8081] {
		found := service_port.deny with input as service(target) with data.inventory.objects as objects(http_port)
		found == {{
			"msg": sprintf("Service web leads to port %v, which none of the pods that it selects has", [target]),
			"path": ["spec", "ports", 0, "targetPort"],
		}}
	}
}

test_allows_what_one_has_or_may_have if {
	every case in [["http", http_port], [8080, http_port], [8081, []]] {
		found := service_port.deny with input as service(case[0]) with data.inventory.objects as objects(case[1])
		found == set()
	}
}

test_says_nothing_of_pods_that_are_not_there if {
	found := service_port.deny with input as service("web")
	found == set()
}

test_leaves_kinds_of_other_projects_alone if {
	every identity in [{"apiVersion": "example.com/v1"}, {"kind": "Proxy"}] {
		found := service_port.deny with input as object.union(service("web"), identity)
			with data.inventory.objects as objects(http_port)
		found == set()
	}
}
