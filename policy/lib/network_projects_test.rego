package kpolicy.lib.network_projects_test

import data.kpolicy.lib.network_projects as projects

objects(policy, namespace) := {policy.kind: {namespace: {"p": [{"object": policy}]}}}

cilium(spec) := {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"namespace": "shop"}, "spec": spec}

isolated(policy, labels, direction) if {
	projects.isolates("shop", labels, direction) with data.inventory.objects as objects(policy, "shop")
}

# The directions in which pods with these labels are isolated.
isolating(policy, labels) := {direction | some direction in ["Ingress", "Egress"]; isolated(policy, labels, direction)}

# The directions in which all pods of the namespace are denied by default.
denying(policy) := {direction | some direction in ["Ingress", "Egress"]; denied(policy, direction)}

denied(policy, direction) if {
	projects.denies_by_default("shop", direction) with data.inventory.objects as objects(policy, "shop")
}

test_cilium if {
	web := {"endpointSelector": {"matchLabels": {"k8s:app": "web"}}, "ingress": [{}]}
	isolated(cilium(web), {"app": "web"}, "Ingress")
	not isolated(cilium(web), {"app": "web"}, "Egress")
	not isolated(cilium(web), {"app": "db"}, "Ingress")
	not denied(cilium(web), "Ingress")
	denied(cilium({"endpointSelector": {}, "egress": []}), "Egress")
	not denied(cilium({"endpointSelector": {}, "egress": [], "enableDefaultDeny": {"egress": false}}), "Egress")
}

test_cilium_denies_by_default_without_rules_where_it_says_so if {
	denying(cilium({"endpointSelector": {}})) == set()
	denying(cilium({"endpointSelector": {}, "enableDefaultDeny": {"ingress": true}})) == {"Ingress"}
	denying(cilium({"endpointSelector": {}, "enableDefaultDeny": {"egress": true, "ingress": false}})) == {"Egress"}
}

has_policy(policy, namespace) if projects.has_policy(namespace) with data.inventory.objects as objects(policy, "shop")

test_a_policy_for_the_cluster_may_be_for_some_namespaces if {
	cilium_other := {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "spec": {
		"endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other"}},
		"ingress": [{}],
	}}
	calico_other := global({"namespaceSelector": "projectcalico.org/name == 'other'"})
	admin_other := admin({"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}, "Deny", {"namespaces": {}})
	every policy in [cilium_other, calico_other, admin_other] {
		has_policy(policy, "other")
		not has_policy(policy, "shop")
		isolating(policy, {"app": "web"}) == set()
		denying(policy) == set()
	}
}

global(spec) := {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": {"name": "p"}, "spec": spec}

test_calico_for_the_cluster if {
	isolating(global({"selector": "app == 'web'", "namespaceSelector": "projectcalico.org/name == 'shop'"}), {"app": "web"}) == {"Ingress"}
	isolating(global({"namespaceSelector": "all()"}), {"app": "web"}) == {"Ingress"}
	has_policy(global({}), "shop")
}

test_cilium_for_the_cluster if {
	policy := {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "spec": {
		"endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "shop"}},
		"ingress": [{}],
	}}
	isolated(policy, {"app": "web"}, "Ingress")
	denied(policy, "Ingress")
	not other_is_isolated(policy)
}

other_is_isolated(policy) if {
	projects.isolates("other", {}, "Ingress") with data.inventory.objects as objects(policy, "shop")
}

calico(spec) := {"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"namespace": "shop"}, "spec": spec}

test_calico if {
	isolated(calico({"selector": "app == 'web' && has(tier)"}), {"app": "web", "tier": "front"}, "Ingress")
	not isolated(calico({"selector": "app == 'web' && has(tier)"}), {"app": "web"}, "Ingress")
	not isolated(calico({"selector": "app == 'db'"}), {"app": "web"}, "Ingress")
	isolated(calico({"selector": "app in {'web'}"}), {"app": "web"}, "Ingress")
	denied(calico({"selector": "all()", "types": ["Ingress", "Egress"]}), "Egress")
	not denied(calico({"egress": [{"action": "Allow"}]}), "Ingress")
}

test_the_directions_of_calico if {
	allow := [{"action": "Allow"}]
	every spec, directions in {
		{}: {"Ingress"},
		{"ingress": allow}: {"Ingress"},
		{"egress": allow}: {"Egress"},
		{"ingress": allow, "egress": allow}: {"Ingress", "Egress"},
		{"types": ["Ingress"], "egress": allow}: {"Ingress"},
		{"types": ["Ingress"], "ingress": allow, "egress": allow}: {"Ingress"},
		{"types": ["Egress"], "ingress": allow}: {"Egress"},
	} {
		denying(calico(spec)) == directions
		isolating(calico(spec), {"app": "web"}) == directions
	}
}

test_a_policy_of_kubernetes_is_none_of_calico if {
	not isolated({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "shop"}, "spec": {}}, {}, "Ingress")
}

admin(subject, action, peer) := {"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "BaselineAdminNetworkPolicy", "spec": {
	"subject": subject,
	"ingress": [{"action": action, "from": [peer]}],
}}

test_admin_policies if {
	denied(admin({"namespaces": {}}, "Deny", {"namespaces": {}}), "Ingress")
	isolated(admin({"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}}, "Deny", {"namespaces": {}}), {"app": "web"}, "Ingress")
	not denied(admin({"namespaces": {}}, "Allow", {"namespaces": {}}), "Ingress")
	not denied(admin({"namespaces": {"matchLabels": {"a": "b"}}}, "Deny", {"namespaces": {}}), "Ingress")
	not denied(admin({"namespaces": {}}, "Deny", {"namespaces": {"matchLabels": {"a": "b"}}}), "Ingress")
}

of_pods(namespaces, pods) := admin({"pods": {"namespaceSelector": namespaces, "podSelector": pods}}, "Deny", {"namespaces": {}})

test_admin_policies_isolate_their_subject if {
	isolating(admin({"namespaces": {}}, "Deny", {"namespaces": {}}), {"app": "web"}) == {"Ingress"}
	isolating(of_pods({}, {"matchLabels": {"app": "web"}}), {"app": "web"}) == {"Ingress"}
	isolating(of_pods({}, {"matchLabels": {"app": "db"}}), {"app": "web"}) == set()
	isolating(of_pods({"matchLabels": {"team": "bank"}}, {}), {"app": "web"}) == set()
}

test_admin_policies_deny_by_addresses if {
	every networks, expected in {["10.0.0.0/8", "0.0.0.0/0"]: {"Egress"}, ["::/0"]: {"Egress"}, ["10.0.0.0/8"]: set()} {
		policy := {"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": "AdminNetworkPolicy", "spec": {
			"subject": {"namespaces": {}},
			"egress": [{"action": "Deny", "to": [{"networks": networks}]}],
		}}
		denying(policy) == expected
	}
}
