package main

# METADATA
# title: Pod is on the host's network
# custom:
#   severity: high
violation_host_network contains {"msg": "the pod is on the host's network", "path": ["spec", "hostNetwork"]} if {
	input.spec.hostNetwork
}

# METADATA
# custom:
#   severity: low
#   remediation: |-
#     Add a label `team`,
#     so that somebody can be asked.
warn_team contains "no team is named" if not input.metadata.labels.team

deny_root contains {"msg": sprintf("container %s may run as root", [container.name]), "path": ["spec", "containers", i]} if {
	some i, container in input.spec.containers
	not container.securityContext.runAsNonRoot
}

exception contains ["root"] if input.metadata.name == "agent"
