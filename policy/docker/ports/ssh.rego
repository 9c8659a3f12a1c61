# METADATA
# title: The image offers SSH
# description: |
#   A container is looked into from outside (kubectl exec, docker exec); a shell of its own on the network is
#   one more way in, with keys that are in the image.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#expose
# custom:
#   severity: medium
#   remediation: Leave the SSH server out.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.ports.ssh

import data.kpolicy.lib.dockerfile

deny contains {"msg": sprintf("the image exposes port %s, SSH", [port]), "path": [entry.index, "Value", at]} if {
	some entry in dockerfile.of_command("expose")
	some at, port in entry.values
	split(port, "/")[0] == "22"
	not endswith(lower(port), "/udp")
}
