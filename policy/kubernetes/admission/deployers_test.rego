package kpolicy.kubernetes.admission.deployers_test

import data.kpolicy.kubernetes.admission.deployers

review(user, groups, operation) := {"kind": "AdmissionReview", "request": {
	"operation": operation,
	"namespace": "shop-eu",
	"userInfo": {"username": user, "groups": groups},
	"object": {"kind": "Pod", "metadata": {"name": "web"}},
}}

namespaces := {"shop-*": ["user:alice", "group:shop-*", "serviceaccount:ci/deployer"]}

found(document) := denied if {
	denied := deployers.deny with input as document with data.params.admission.deployers.namespaces as namespaces
}

test_denies_others_for_each_operation if {
	every operation in ["CREATE", "UPDATE", "DELETE"] {
		msg := sprintf("bob may not %s objects in namespace shop-eu", [lower(operation)])
		found(review("bob", ["dev"], operation)) == {{"msg": msg, "path": ["request", "userInfo", "username"]}}
	}
	every user in ["system:serviceaccount:ci:other", "alice2", ""] {
		count(found(review(user, [], "CREATE"))) == 1
	}
}

test_allows_users_groups_and_service_accounts if {
	found(review("alice", [], "CREATE")) == set()
	found(review("bob", ["dev", "shop-admins"], "DELETE")) == set()
	found(review("system:serviceaccount:ci:deployer", [], "UPDATE")) == set()
	found(review("bob", [], "CONNECT")) == set()
}

test_allows_the_controllers_of_the_cluster if {
	every user in ["system:kube-controller-manager", "system:serviceaccount:kube-system:replicaset-controller"] {
		found(review(user, [], "CREATE")) == set()
	}
	found(review("system:node:a", ["system:nodes"], "UPDATE")) == set()
}

test_other_namespaces_are_not_judged if {
	elsewhere := json.patch(review("bob", [], "CREATE"), [{"op": "replace", "path": "request/namespace", "value": "dev"}])
	found(elsewhere) == set()
}

test_is_quiet_without_its_parameter_and_without_a_review if {
	without := deployers.deny with input as review("bob", [], "CREATE")
	without == set()
	found({"kind": "Pod", "metadata": {"namespace": "shop-eu"}}) == set()
}
