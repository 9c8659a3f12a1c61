package kpolicy.lib.services_test

import data.kpolicy.lib.services

service(type, annotations) := {"kind": "Service", "metadata": {"annotations": annotations}, "spec": {"type": type}}

test_exposed if {
	services.is_exposed(service("NodePort", null))
	services.is_exposed(service("LoadBalancer", {}))
	services.is_exposed(service("LoadBalancer", {"service.beta.kubernetes.io/aws-load-balancer-internal": "false"}))
	not services.is_exposed(service("ClusterIP", {}))
	not services.is_exposed({"kind": "Service", "spec": null})
	every type in ["NodePort", "LoadBalancer"] {
		not services.is_exposed(object.union(service(type, {}), {"kind": "KafkaListener"}))
	}
}

test_internal_load_balancers_are_not_exposed if {
	every name, value in {
		"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
		"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
		"networking.gke.io/load-balancer-type": "Internal",
	} {
		not services.is_exposed(service("LoadBalancer", {name: value}))
	}
}

test_plain_http if {
	every port in [
		{"port": 8000, "appProtocol": "http"},
		{"port": 8000, "name": "http"},
		{"port": 8000, "name": "http-web"},
		{"port": 443, "appProtocol": "kubernetes.io/h2c"},
		{"port": 80},
		{"port": 80, "name": "web"},
		{"port": 80, "protocol": "TCP"},
		{"port": 80, "protocol": null, "appProtocol": null},
		{"port": 8000, "appProtocol": null, "name": "http"},
	] {
		services.is_plain_http(port)
	}
	every port in [
		{"port": 80, "appProtocol": "https"},
		{"port": 80, "name": "https"},
		{"port": 80, "protocol": "UDP"},
		{"port": 5432},
		{"port": 443},
	] {
		not services.is_plain_http(port)
	}
}

test_encrypted if {
	every port in [{"port": 1, "name": "https"}, {"port": 1, "appProtocol": "TLS"}, {"port": 443, "name": "web"}] {
		services.is_encrypted(port)
	}
	every port in [{"port": 443, "name": "http"}, {"port": 80}] {
		not services.is_encrypted(port)
	}
}

aws(ports) := service("LoadBalancer", object.union(
	{"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn"},
	ports,
))

test_tls_that_a_load_balancer_ends if {
	port := {"port": 80, "name": "web"}
	services.ends_tls(aws({}), port)
	every named in ["*", "80", "443, 80", "web"] {
		services.ends_tls(aws({"service.beta.kubernetes.io/aws-load-balancer-ssl-ports": named}), port)
	}
	not services.ends_tls(aws({"service.beta.kubernetes.io/aws-load-balancer-ssl-ports": "443"}), port)
	not services.ends_tls(service("LoadBalancer", {}), port)
	not services.ends_tls(service("LoadBalancer", null), port)
}

test_pods_that_a_service_selects if {
	labels := {
		"a": {"app": "web", "tier": "front"},
		"b": {"app": "web"},
		"c": {"app": "api", "tier": "front"},
		"d": {},
	}
	entries := {name: [{"object": {"kind": "Pod", "metadata": {"name": name, "labels": own}}}] | some name, own in labels}
	every selector, names in {
		{"app": "web"}: {"a", "b"},
		{"tier": "front"}: {"a", "c"},
		{"app": "web", "tier": "front"}: {"a"},
		{"app": "db"}: set(),
		{}: set(),
		null: set(),
	} {
		found := services.pods_of({"metadata": {"namespace": "shop"}, "spec": {"selector": selector}})
			with data.inventory.objects as {"Pod": {"shop": entries, "bank": entries}}
		{entry.object.metadata.name | some entry in found} == names
		other := services.pods_of({"metadata": {"namespace": "other"}, "spec": {"selector": selector}})
			with data.inventory.objects as {"Pod": {"shop": entries}}
		other == set()
	}
}
