package kpolicy.kubernetes.references.ingress_port_test

import data.kpolicy.kubernetes.references.ingress_port

ingress(port) := {"kind": "Ingress", "metadata": {"name": "web"}, "spec": {"defaultBackend": {"service": {"name": "web", "port": port}}}}

objects := {"Service": {"default": {"web": [{"object": {"spec": {"ports": [{"name": "http", "port": 80}]}}}]}}}

test_denies_a_port_that_the_service_lacks if {
	found := ingress_port.deny with input as ingress({"number": 8080}) with data.inventory.objects as objects
	found == {{
		"msg": "Ingress web leads to port 8080 of Service web, which has no such port",
		"path": ["spec", "defaultBackend", "service", "port", "number"],
	}}
}

test_denies_a_name_that_the_service_lacks if {
	rule := {"http": {"paths": [{"backend": {"service": {"name": "web", "port": {"name": "https"}}}}]}}
	found := ingress_port.deny with input as {"kind": "Ingress", "metadata": {"name": "web"}, "spec": {"rules": [rule]}}
		with data.inventory.objects as objects
	count(found) == 1
}

test_allows_ports_that_it_has if {
	every port in [{"number": 80}, {"name": "http"}] {
		found := ingress_port.deny with input as ingress(port) with data.inventory.objects as objects
		found == set()
	}
}

test_a_port_that_is_written_without_its_fields_is_no_port_of_the_service if {
	short := {"Service": {"default": {"web": [{"object": {"spec": {"ports": [80, null]}}}]}}}
	found := ingress_port.deny with input as ingress({"number": 80}) with data.inventory.objects as short
	found == {{
		"msg": "Ingress web leads to port 80 of Service web, which has no such port",
		"path": ["spec", "defaultBackend", "service", "port", "number"],
	}}
}

test_a_service_for_an_outside_name_needs_no_ports if {
	external := {"Service": {"default": {"web": [{"object": {"spec": {"type": "ExternalName", "externalName": "web.example.com"}}}]}}}
	found := ingress_port.deny with input as ingress({"number": 80}) with data.inventory.objects as external
	found == set()
}

test_leaves_kinds_of_other_projects_alone if {
	of_karmada := object.union(ingress({"number": 8080}), {
		"apiVersion": "networking.karmada.io/v1alpha1",
		"kind": "MultiClusterIngress",
	})
	found := ingress_port.deny with input as of_karmada with data.inventory.objects as objects
	found == set()
}
