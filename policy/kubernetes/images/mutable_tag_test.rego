package kpolicy.kubernetes.images.mutable_tag_test

import data.kpolicy.kubernetes.images.mutable_tag

pod(image) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "image": image}]}}

path := ["spec", "containers", 0, "image"]

test_denies_latest if {
	found := mutable_tag.deny with input as pod("nginx:latest")
	found == {{"msg": "container web runs nginx:latest, whose tag moves", "path": path}}
}

test_denies_no_tag_behind_a_port if {
	found := mutable_tag.deny with input as pod("localhost:5000/nginx")
	found == {{"msg": "container web runs localhost:5000/nginx, which has no tag", "path": path}}
}

test_allows_versions_and_digests if {
	every image in ["nginx:1.27.1", "localhost:5000/nginx:1", "nginx@sha256:0123", "nginx:latest@sha256:0123"] {
		found := mutable_tag.deny with input as pod(image)
		found == set()
	}
}

test_denies_the_image_of_a_volume if {
	volumes := [{"name": "model", "image": {"reference": "models/small"}}]
	found := mutable_tag.deny with input as {"kind": "Pod", "spec": {"volumes": volumes}}
	found == {{
		"msg": "volume model mounts models/small, which has no tag",
		"path": ["spec", "volumes", 0, "image", "reference"],
	}}
}

# A workload may leave the image to what makes its pods.
test_allows_a_container_without_an_image if {
	every container in [{"name": "web"}, {"name": "web", "image": ""}] {
		found := mutable_tag.deny with input as {"kind": "Pod", "spec": {"containers": [container]}}
		found == set()
	}
}

test_the_tags_are_a_parameter if {
	found := mutable_tag.deny with input as pod("nginx:main-7") with data.params.images.mutable_tag.tags as ["main*"]
	found == {{"msg": "container web runs nginx:main-7, whose tag moves", "path": path}}
}
