package main_test

import data.main

deployment(replicas) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": {"replicas": replicas},
}

test_denies_one_replica if {
	found := main.deny with input as deployment(1)
	found == {{"msg": "Deployment web runs 1 replica", "path": ["spec", "replicas"]}}
}

test_allows_two_replicas if {
	found := main.deny with input as deployment(2)
	found == set()
}
