package main

# METADATA
# custom:
#   remediation: Set runAsNonRoot, or ask for an exception.
deny_run_as_root contains {"msg": msg, "path": ["spec", "securityContext"]} if {
	input.kind == "Pod"
	object.get(input, ["spec", "securityContext", "runAsNonRoot"], false) != true
	msg := sprintf("%s may run as root", [input.metadata.name])
}

deny_host_network contains {"msg": msg, "path": ["spec", "hostNetwork"]} if {
	input.spec.hostNetwork == true
	msg := sprintf("%s is in the node's network", [input.metadata.name])
}

# The node exporter reads the node as root. Its other rules hold.
exception contains rules if {
	input.metadata.name == "node-exporter"
	rules := ["run_as_root"]
}
