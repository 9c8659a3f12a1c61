package kpolicy.kubernetes.rbac.certificates_test

import data.kpolicy.kubernetes.rbac.certificates

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in certificates.ways {
		every verb in way.verbs {
			found := certificates.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "certificatesigningrequests/approval", "update"), rule("certificates.k8s.io", "*", "update"), rule("certificates.k8s.io", "certificatesigningrequests/approval", "*")] {
		found := certificates.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "certificatesigningrequests/approval", "update"), rule("certificates.k8s.io", "certificatesigningrequests/approval", "deletecollection"), rule("certificates.k8s.io", "certificatesigningrequests/approvals", "update"), rule("certificates.k8s.io", "certificatesigningrequests/*", "deletecollection")] {
		found := certificates.deny with input as role(given)
		found == set()
	}
}

narrow(name) := object.union(rule("certificates.k8s.io", "signers", "sign"), {"resourceNames": [name]})

test_names_of_signers_of_kubernetes_are_not_harmless if {
	harmless := certificates.deny with input as role(narrow("example.com/serving"))
	harmless == set()
	found := certificates.deny with input as role(narrow("kubernetes.io/kube-apiserver-client"))
	found == {{"msg": "ClusterRole r lets its holders sign signers", "path": ["rules", 0, "verbs"]}}
}
