package kpolicy.kubernetes.tls.service_test

import data.kpolicy.kubernetes.tls.service as rule_

service(spec, annotations) := {
	"kind": "Service",
	"metadata": {"name": "web", "annotations": annotations},
	"spec": object.union({"type": "LoadBalancer"}, spec),
}

certificate := {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:x"}

test_denies_plain_ports if {
	every port in [{"port": 80}, {"port": 9000, "name": "http"}, {"port": 9000, "appProtocol": "http"}] {
		found := rule_.deny with input as service({"ports": [port]}, {})
		msg := sprintf("Service web offers plain HTTP to the outside on port %v, as LoadBalancer", [port.port])
		found == {{"msg": msg, "path": ["spec", "ports", 0, "port"]}}
	}
}

test_denies_ports_of_the_nodes if {
	found := rule_.deny with input as service({"type": "NodePort", "ports": [{"port": 80}]}, {})
	count(found) == 1
}

test_denies_a_port_that_the_certificate_is_not_for if {
	ports := {"service.beta.kubernetes.io/aws-load-balancer-ssl-ports": "443"}
	found := rule_.deny with input as service({"ports": [{"port": 80}, {"port": 443}]}, object.union(certificate, ports))
	{denied.path[2] | some denied in found} == {0}
}

test_allows_encrypted_internal_and_other_ports if {
	every spec in [{"ports": [{"port": 443}]}, {"ports": [{"port": 5432}]}, {"type": "ClusterIP", "ports": [{"port": 80}]}] {
		found := rule_.deny with input as service(spec, {})
		found == set()
	}
	every annotations in [certificate, {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}] {
		found := rule_.deny with input as service({"ports": [{"port": 80}]}, annotations)
		found == set()
	}
}
