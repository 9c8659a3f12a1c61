# METADATA
# title: A probe is at a port that the container does not name
# description: |
#   The kubelet looks a port name up among the ports of the container; where none has it, the probe fails each time, and the
#   container is restarted without end or never gets a request.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port
# custom:
#   severity: high
#   remediation: Give a port of the container that name, or write the number in the probe.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.reliability.probe_port

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, [probe, way, "port"])} if {
	some entry in kubernetes.containers
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some way in ["httpGet", "tcpSocket"]
	port := shape.text_at(entry.container, [probe, way, "port"])
	is_name(port)
	not port in {declared.name | some declared in shape.list_at(entry.container, ["ports"])}
	container := kubernetes.container_name(entry.container)
	msg := sprintf("container %s has no port that is named %s, where its %s asks", [container, port, probe])
}

# A text of digits is a number to the kubelet.
is_name(port) if {
	port != ""
	not regex.match(`^[0-9]+$`, port)
}
