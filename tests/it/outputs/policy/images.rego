# METADATA
# title: Image can move
# description: A tag that moves makes a rollout impossible to repeat.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   severity: critical
#   remediation: Pin the image to a version or a digest.
package images

deny contains {"msg": msg, "path": ["spec", "containers", i, "image"]} if {
	some i, container in input.spec.containers
	endswith(container.image, ":latest")
	msg := sprintf("container %s runs %s", [container.name, container.image])
}
