# METADATA
# title: Services
# description: Which pods a Service selects, whether the outside of the cluster reaches it, and which of its ports speak in plain text.
package kpolicy.lib.services

import data.kpolicy.lib.inventory
import data.kpolicy.lib.shape

# The pods of the set that a Service selects, each as in `inventory.pods`.
pods_of(service) := {pod |
	selector := shape.table_at(service, ["spec", "selector"])
	namespace := inventory.namespace_of(service)

	# The label that the fewest pods have: all pods of a namespace may share the others.
	[_, rarest] := min([[count(labeled(namespace, [key, value])), [key, value]] | some key, value in selector])
	some pod in labeled(namespace, rarest)
	object.subset(pod.labels, selector)
}

labeled(namespace, label) := object.get(with_label, [namespace, label], set())

# The pods of each namespace by each of their labels: a Service need not be held against the others.
with_label[namespace][label] contains pod if {
	some namespace, pods in inventory.pods
	some pod in pods
	some key, value in pod.labels
	label := [key, value]
}

# The ports that the containers of a pod list.
ports_of(entry) := {port |
	some field in ["containers", "initContainers"]
	some container in shape.list_at(entry.pod, ["spec", field])
	some port in shape.list_at(container, ["ports"])
	is_object(port)
}

# Whether a Service is reached from outside: by a port of the nodes, or by a load balancer that is not internal.
is_exposed(object_) if is_node_port(object_)

is_exposed(object_) if is_load_balancer(object_)

is_node_port(object_) if {
	object_.kind == "Service"
	object_.spec.type == "NodePort"
}

is_load_balancer(object_) if {
	object_.kind == "Service"
	object_.spec.type == "LoadBalancer"
	not is_internal(object_)
}

# The annotations by which the providers make a load balancer internal, and the values that do not.
internal_annotations := {
	"cloud.google.com/load-balancer-type",
	"networking.gke.io/load-balancer-type",
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
	"service.beta.kubernetes.io/aws-load-balancer-internal",
	"service.beta.kubernetes.io/aws-load-balancer-scheme",
	"service.beta.kubernetes.io/azure-load-balancer-internal",
	"service.beta.kubernetes.io/oci-load-balancer-internal",
	"service.beta.kubernetes.io/openstack-internal-load-balancer",
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
}

is_internal(object_) if {
	some name in internal_annotations
	lower(shape.text_at(object_, ["metadata", "annotations", name])) in {"true", "internal", "intranet", "private", "0.0.0.0/0"}
}

# The annotations by which the providers end TLS in a load balancer; with the one that names the ports it is for.
tls_annotations := {
	"load-balancer.hetzner.cloud/http-certificates": "",
	"loadbalancer.openstack.org/default-tls-container-ref": "",
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-cert-id": "",
	"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "service.beta.kubernetes.io/aws-load-balancer-ssl-ports",
	"service.beta.kubernetes.io/do-loadbalancer-certificate-id": "service.beta.kubernetes.io/do-loadbalancer-tls-ports",
	"service.beta.kubernetes.io/oci-load-balancer-tls-secret": "service.beta.kubernetes.io/oci-load-balancer-ssl-ports",
	"service.beta.kubernetes.io/scw-loadbalancer-certificate-ids": "",
}

# Whether an annotation ends TLS for a port of a Service, which it names by number or by name; unnamed, it is for all.
ends_tls(object_, port) if {
	annotations := shape.table_at(object_, ["metadata", "annotations"])
	some name, of_ports in tls_annotations
	shape.text_at(annotations, [name]) != ""
	named := {trim_space(text) | some text in split(shape.text_at(annotations, [of_ports]), ",")}
	is_named(named, port)
}

is_named({""}, _)

is_named(named, _) if "*" in named

is_named(named, port) if sprintf("%v", [port.port]) in named

is_named(named, port) if port.name in named

# Whether a port of a Service speaks plain HTTP: by its protocol, else by its name, else by its number.
is_plain_http(port) if lower(protocol_of(port)) in {"http", "http2", "h2c", "kubernetes.io/h2c", "kubernetes.io/ws", "grpc"}

is_plain_http(port) if {
	protocol_of(port) == ""
	shape.at(port, ["port"]) in {80, 8080}
	transport_of(port) == "TCP"
}

# Whether a port of a Service is encrypted, as far as it tells.
is_encrypted(port) if lower(protocol_of(port)) in {"https", "tls", "wss", "kubernetes.io/wss"}

is_encrypted(port) if {
	protocol_of(port) == ""
	shape.at(port, ["port"]) in {443, 8443}
}

# The protocol above TCP that a port says that it speaks: appProtocol, or its name up to a hyphen as Istio reads it.
protocol_of(port) := port.appProtocol if shape.text_at(port, ["appProtocol"]) != ""

protocol_of(port) := object.get(named_protocols, prefix, "") if {
	shape.text_at(port, ["appProtocol"]) == ""
	prefix := split(shape.text_at(port, ["name"]), "-")[0]
}

named_protocols := {name: name | some name in ["http", "http2", "grpc", "https", "tls"]}

transport_of(port) := "TCP" if shape.text_at(port, ["protocol"]) == ""

transport_of(port) := port.protocol if shape.text_at(port, ["protocol"]) != ""
