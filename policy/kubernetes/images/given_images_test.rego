package kpolicy.kubernetes.images.given_images_test

import data.kpolicy.kubernetes.images.given_images

pod(namespace, image) := {
	"kind": "Pod",
	"metadata": {"name": "x", "namespace": namespace},
	"spec": {"containers": [{"name": "web", "image": image}]},
}

given := {
	"shop-*": ["registry.example.com/shop/*", "docker.io/library/nginx:1.27.*"],
	"shop-test": ["registry.example.com/tools/**"],
}

digest := "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

denied(namespace, image) if {
	found := given_images.deny with input as pod(namespace, image) with data.params.images.given_images.allowed as given
	count(found) == 1
}

test_the_message_names_all if {
	found := given_images.deny with input as pod("shop-live", "nginx")
		with data.params.images.given_images.allowed as given
	found == {{
		"msg": concat("", [
			"container web runs nginx, which is not among the images that are given for namespace shop-live ",
			"(its full name is docker.io/library/nginx:latest)",
		]),
		"path": ["spec", "containers", 0, "image"],
	}}
}

test_denies_other_images if {
	denied("shop-live", "nginx:1.26.0")
	denied("shop-live", "registry.example.com/shop/deep/web:1")
	denied("shop-live", "registry.example.com/tools/shell:1")
	denied("shop-live", "registry.example.com.evil.io/shop/web:1")
	denied("bank", "nginx:1.27.1")
}

test_allows_given_images if {
	not denied("shop-live", "nginx:1.27.1")
	not denied("shop-live", sprintf("nginx:1.27.1@%s", [digest]))
	not denied("shop-live", sprintf("registry.example.com/shop/web@%s", [digest]))
	not denied("shop-test", "registry.example.com/tools/deep/shell:1")
	not denied("shop-test", "registry.example.com/shop/web")
}

test_an_object_without_a_namespace_is_in_the_default_one if {
	object_ := json.remove(pod("", "nginx:1"), ["metadata/namespace"])
	found := given_images.deny with input as object_
		with data.params.images.given_images.allowed as {"default": ["docker.io/library/nginx"]}
	found == set()
}

test_namespaces_without_an_entry_can_be_free if {
	found := given_images.deny with input as pod("bank", "nginx:1")
		with data.params.images.given_images as {"allowed": given, "allow_elsewhere": true}
	found == set()
	not_free := given_images.deny with input as pod("shop-live", "nginx:1")
		with data.params.images.given_images as {"allowed": given, "allow_elsewhere": true}
	count(not_free) == 1
}

allowed_by(pattern, image) if {
	found := given_images.deny with input as pod("shop", image)
		with data.params.images.given_images.allowed as {"shop": [pattern]}
	found == set()
}

test_a_pattern_is_for_the_full_reference_as_it_is_resolved if {
	allowed_by("docker.io/library/nginx:latest", "nginx")
	allowed_by(sprintf("docker.io/library/nginx:1.27.1@%s", [digest]), sprintf("nginx:1.27.1@%s", [digest]))
}

test_a_pattern_with_a_tag_or_a_digest_allows_images_with_both if {
	both := sprintf("nginx:1.27.1@%s", [digest])
	allowed_by("docker.io/library/nginx:1.27.1", both)
	allowed_by(sprintf("docker.io/library/nginx@%s", [digest]), both)
	not allowed_by("docker.io/library/nginx:1.27.2", both)
}

test_an_image_without_a_tag_or_a_digest_has_not_any if {
	not allowed_by("docker.io/library/nginx:*", sprintf("nginx@%s", [digest]))
	not allowed_by("docker.io/library/nginx@*", "nginx:1.27.1")
}

test_denies_references_that_kubernetes_refuses if {
	denied("shop-live", "registry.example.com/shop/Web:1")
}

test_is_quiet_without_its_parameter if {
	found := given_images.deny with input as pod("shop", "nginx")
	found == set()
}
