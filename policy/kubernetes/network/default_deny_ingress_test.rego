package kpolicy.kubernetes.network.default_deny_ingress_test

import data.kpolicy.kubernetes.network.default_deny_ingress

entry(object_) := [{"object": object_}]

namespace := {"kind": "Namespace", "metadata": {"name": "shop"}}

web := {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {}}}

policy(spec) := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec}

with_policy(spec) := {"objects": {
	"Namespace": {"": {"shop": entry(namespace)}},
	"Deployment": {"shop": {"web": entry(web)}},
	"NetworkPolicy": {"shop": {"p": entry(policy(spec))}},
}}

denial := {
	"msg": "namespace shop has no default deny for ingress: no NetworkPolicy isolates all its pods",
	"path": ["metadata", "name"],
}

test_denies_policies_for_some_pods_or_for_egress if {
	every spec in [{"podSelector": {"matchLabels": {"app": "web"}}}, {"policyTypes": ["Egress"]}, {"ingress": [{}]}] {
		found := default_deny_ingress.deny with input as namespace with data.inventory as with_policy(spec)
		found == {denial}
	}
}

test_denies_at_the_first_workload_where_no_namespace_is_given if {
	objects := {"objects": {"Deployment": {"shop": {"web": entry(web)}}}}
	found := default_deny_ingress.deny with input as web with data.inventory as objects
	found == {denial}
}

test_reports_once if {
	found := default_deny_ingress.deny with input as web with data.inventory as with_policy({"policyTypes": ["Egress"]})
	found == set()
}

test_allows_a_default_deny if {
	every spec in [{}, {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}] {
		found := default_deny_ingress.deny with input as namespace with data.inventory as with_policy(spec)
		found == set()
	}
}

test_a_namespace_without_pods_needs_none if {
	objects := {"objects": {"Namespace": {"": {"shop": entry(namespace)}}}}
	found := default_deny_ingress.deny with input as namespace with data.inventory as objects
	found == set()
}

test_is_quiet_where_the_set_is_not_known if {
	found := default_deny_ingress.deny with input as web
	found == set()
}
