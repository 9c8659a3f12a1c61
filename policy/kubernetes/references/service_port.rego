# METADATA
# title: A Service leads to a port that its pods do not have
# description: |
#   A name in targetPort that no container has leads nowhere, and so does a number that none of the pods' containers lists,
#   where all of these pods list ports. Judged where the set has the pods that the Service selects.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
# custom:
#   severity: medium
#   remediation: Correct targetPort, or add the port to the container.
#   kinds: [Service]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.service_port

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.services
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "ports", index, "targetPort"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Service"
	inventory.is_of_core(entry.object)
	pods := services.pods_of(entry.object)
	pods != set()
	some index, port in shape.list_at(entry.object, ["spec", "ports"])
	target := object.get(port, "targetPort", port.port)
	every pod in pods { lacks(pod, target) }
	msg := sprintf("%s leads to port %v, which none of the pods that it selects has", [kubernetes.name_of(entry.object), target])
}

# Containers need not list a number, so that only pods tell which list others.
lacks(pod, target) if {
	is_string(target)
	not target in {object.get(port, "name", "") | some port in services.ports_of(pod)}
}

lacks(pod, target) if {
	is_number(target)
	ports := services.ports_of(pod)
	ports != set()
	not target in {object.get(port, "containerPort", 0) | some port in ports}
}
