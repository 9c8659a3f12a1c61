package kpolicy.kubernetes.images.allowed_registries_test

import data.kpolicy.kubernetes.images.allowed_registries

pod(image) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "image": image}]}}

given := ["registry.example.com", "docker.io/library", "ghcr.io/shop/"]

denial(image, rest) := {
	"msg": sprintf("container web runs %s, which is from none of the allowed registries%s", [image, rest]),
	"path": ["spec", "containers", 0, "image"],
}

test_denies_other_registries if {
	every image in [
		"registry.example.com.evil.io/web:1",
		"registry.example.com:5000/web:1",
		"evil.io/registry.example.com/web:1",
		"ghcr.io/shopping/web:1",
		"registry.example.com/Web:1",
	] {
		found := allowed_registries.deny with input as pod(image)
			with data.params.images.allowed_registries.registries as given
		found == {denial(image, "")}
	}
}

test_denies_a_short_name_and_says_what_it_is if {
	found := allowed_registries.deny with input as pod("nginx:1")
		with data.params.images.allowed_registries.registries as ["registry.example.com"]
	found == {denial("nginx:1", ": it is docker.io/library/nginx:1")}
}

test_allows_what_is_given if {
	every image in ["registry.example.com/web:1", "nginx", "ghcr.io/shop/web", "REGISTRY.example.com/shop/web"] {
		found := allowed_registries.deny with input as pod(image)
			with data.params.images.allowed_registries.registries as given
		found == set()
	}
}

test_no_registry_is_allowed_by_an_empty_list if {
	found := allowed_registries.deny with input as pod("registry.example.com/web:1")
		with data.params.images.allowed_registries.registries as []
	found == {denial("registry.example.com/web:1", "")}
}

test_says_nothing_where_nothing_is_given if {
	found := allowed_registries.deny with input as pod("nginx")
	found == set()
}
