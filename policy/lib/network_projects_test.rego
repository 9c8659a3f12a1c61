package kpolicy.lib.network_projects_test

import data.kpolicy.lib.network_projects as projects

objects(policy, namespace) := {policy.kind: {namespace: {"p": [{"object": policy}]}}}

cilium(spec) := {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"namespace": "shop"}, "spec": spec}

isolated(policy, labels, direction) if {
	projects.isolates("shop", labels, direction) with data.inventory.objects as objects(policy, "shop")
}

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
}
