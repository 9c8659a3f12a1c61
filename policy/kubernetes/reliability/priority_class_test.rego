package kpolicy.kubernetes.reliability.priority_class_test

import data.kpolicy.kubernetes.reliability.priority_class

pod(spec) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": object.union({"containers": []}, spec)}

test_denies_a_pod_without_one if {
	found := priority_class.deny with input as pod({})
	found == {{"msg": "the pods of Pod web have no priority class", "path": ["spec", "priorityClassName"]}}
}

test_allows_a_class if {
	found := priority_class.deny with input as pod({"priorityClassName": "shop"})
	found == set()
}

# The API server fills in the number; it does not let users set another one than that of the class.
test_denies_a_number_alone if {
	found := priority_class.deny with input as pod({"priority": 0})
	found == {{"msg": "the pods of Pod web have no priority class", "path": ["spec", "priorityClassName"]}}
}
