package workloads_test

import data.workloads

deployment := {
	"kind": "Deployment",
	"metadata": {"name": "web", "labels": {"team": "a"}},
	"spec": {"containers": [{"name": "web", "image": "nginx", "resources": {"limits": {"cpu": 1}}}]},
}

test_allows if workloads.deny == set() with input as deployment

test_denies_missing_limits if {
	object := json.remove(deployment, ["spec/containers/0/resources"])
	workloads.deny == {"web has no limits"} with input as object
}

test_limits_are_of_deployments if {
	object := json.patch(deployment, [
		{"op": "replace", "path": "/kind", "value": "Job"},
		{"op": "remove", "path": "/spec/containers/0/resources"},
	])
	workloads.deny == set() with input as object
}

test_denies_without_team if {
	object := json.remove(deployment, ["metadata/labels"])
	workloads.deny == {"there is no team"} with input as object
}

test_denies_without_input if workloads.deny == set()

test_ports[note] if {
	some note, case in {
		"public": {"port": {"number": 80, "public": true}, "denied": 1},
		"private": {"port": {"number": 80, "public": false}, "denied": 0},
		"high": {"port": {"number": 8080, "public": true}, "denied": 0},
	}
	found := workloads.deny with input as {"spec": {"ports": [case.port]}}
	count(found) == case.denied
}

test_reserved if {
	object := json.patch(deployment, [{"op": "replace", "path": "/metadata/name", "value": "kube-dns"}])
	workloads.deny == {"the name is reserved"} with input as object
}

test_loud if count(workloads.warn) > 0 with input as {"loud": true}

test_quiet if workloads.warn == set() with input as {}

test_replicas if {
	workloads.replicas == 5 with input.spec.replicas as 5
	workloads.replicas == 1 with input.spec.replicas as 0
	workloads.replicas == 1 with input as {}
}

test_sizes[size] if {
	some size, replicas in {"large": 20, "medium": 5, "small": 2}
	workloads.size == size with input.spec.replicas as replicas
}

test_ports_by_name if {
	ports := [{"name": "http", "number": 80}, {"name": false, "number": 1}]
	workloads.ports_by_name == {"http": 80} with input.spec.ports as ports
}

test_all_private if {
	workloads.all_private with input.spec.ports as [{"number": 1}]
	not workloads.all_private with input.spec.ports as [{"number": 1, "public": true}]
}

test_registries if {
	containers := [
		{"name": "a", "image": "quay.io/a", "resources": {"limits": 1}},
		{"name": "b", "image": "b", "resources": {"limits": 1}},
	]
	found := workloads.deny with input.spec.containers as containers
	found == {"there are images of two registries"}
}
