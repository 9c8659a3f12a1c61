package shop.replicas_test

import data.shop.replicas

deployment(spec) := {"kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}

denial(msg) := {"msg": msg, "path": ["spec", "replicas"]}

test_denies_the_default_of_one if {
	found := replicas.deny with input as deployment({})
	found == {denial("web has 1 of 2 replicas")}
}

test_allows_enough if {
	found := replicas.deny with input as deployment({"replicas": 2})
	found == set()
}

test_the_least_is_a_parameter if {
	found := replicas.deny with input as deployment({"replicas": 2}) with data.params.replicas.least as 3
	found == {denial("web has 2 of 3 replicas")}
}
