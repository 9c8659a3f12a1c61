package main

import data.lib.kubernetes

required := {"app.kubernetes.io/name", "app.kubernetes.io/part-of", "team"}

deny contains msg if {
	missing := required - {key | some key, _ in input.metadata.labels}
	count(missing) > 0
	msg := sprintf("%s lacks labels: %s", [kubernetes.name, concat(", ", sort(missing))])
}

deny contains sprintf("%s is in namespace default", [kubernetes.name]) if {
	object.get(input.metadata, "namespace", "default") == "default"
}

deny contains msg if {
	input.kind == "Deployment"
	input.metadata.namespace == "production"
	input.spec.replicas < 2
	msg := sprintf("%s runs %d replica in production", [kubernetes.name, input.spec.replicas])
}

deny contains msg if {
	input.kind == "Service"
	input.spec.type == "NodePort"
	msg := sprintf("%s opens a port of every node", [kubernetes.name])
}

deny contains msg if {
	input.kind == "Ingress"
	covered := {host | some entry in input.spec.tls; some host in entry.hosts}
	some rule in input.spec.rules
	not rule.host in covered
	msg := sprintf("%s serves %s without TLS", [kubernetes.name, rule.host])
}

deny contains msg if {
	input.kind == "CronJob"
	input.spec.concurrencyPolicy == "Allow"
	msg := sprintf("%s may run beside itself", [kubernetes.name])
}

deny contains msg if {
	input.kind == "NetworkPolicy"
	some rule in input.spec.egress
	some peer in rule.to
	endswith(peer.ipBlock.cidr, "/0")
	msg := sprintf("%s allows all of the internet", [kubernetes.name])
}

deny contains msg if {
	input.kind == "ConfigMap"
	some key, value in input.data
	regex.match(`-----BEGIN [A-Z ]*PRIVATE KEY-----`, value)
	msg := sprintf("%s holds a private key in %s", [kubernetes.name, key])
}
