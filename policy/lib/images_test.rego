package kpolicy.lib.images_test

import data.kpolicy.lib.images

digest := "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

test_references_are_resolved if {
	every text, resolved in {
		"nginx": "docker.io/library/nginx:latest",
		"nginx:1.27": "docker.io/library/nginx:1.27",
		"bitnami/redis": "docker.io/bitnami/redis:latest",
		"docker.io/nginx": "docker.io/library/nginx:latest",
		"index.docker.io/nginx": "docker.io/library/nginx:latest",
		"localhost/x": "localhost/x:latest",
		"localhost:5000/x": "localhost:5000/x:latest",
		"localhost:5000": "docker.io/library/localhost:5000",
		"quay.io/a/b/c:v1": "quay.io/a/b/c:v1",
		"Registry.Example.com/web:1": "registry.example.com/web:1",
		"REGISTRY/web:1": "registry/web:1",
		"[::1]:5000/web": "[::1]:5000/web:latest",
		sprintf("web@%s", [digest]): sprintf("docker.io/library/web@%s", [digest]),
		sprintf("quay.io/a/web:1@%s", [digest]): sprintf("quay.io/a/web:1@%s", [digest]),
	} {
		found := images.reference(text)
		found.is_valid == true
		images.resolved(found) == resolved
	}
}

test_the_parts_of_a_reference if {
	images.reference(sprintf("localhost:5000/shop/web:1.2@%s", [digest])) == {
		"registry": "localhost:5000",
		"repository": "shop/web",
		"name": "localhost:5000/shop/web",
		"tag": "1.2",
		"digest": digest,
		"is_valid": true,
	}
}

test_what_is_no_reference if {
	every text in [
		"Nginx",
		"quay.io/Shop/web",
		"nginx:",
		"nginx:1:2",
		"web@sha256:0123",
		"web@latest",
		"web@",
		"/web",
		"quay.io/",
		"quay.io//web",
		"https://quay.io/web",
		"${IMAGE}",
		"{{ .Values.image }}",
		"web 1",
		"web\nquay.io/web",
		"-web",
		"quay_.io/web",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	] {
		images.reference(text).is_valid == false
	}
}

test_prefixes_hold_at_borders_of_the_path if {
	every prefix in ["registry.example.com", "registry.example.com/", "registry.example.com/*", "Registry.example.com/shop", "registry.example.com/shop/web"] {
		images.holds(prefix, "registry.example.com/shop/web")
	}
	every name in [
		"registry.example.com.evil.io/shop/web",
		"registry.example.com:5000/shop/web",
		"evil.io/registry.example.com/shop/web",
		"registry.example.co/shop/web",
	] {
		not images.holds("registry.example.com", name)
	}
	not images.holds("registry.example.com/shop", "registry.example.com/shopping/web")
	not images.holds("", "registry.example.com/shop/web")
	images.holds("index.docker.io/library", "docker.io/library/nginx")
}

test_images_of_the_input if {
	pod := {"kind": "Pod", "spec": {"containers": [{"name": "web", "image": "nginx"}, {"name": "odd", "image": 3}]}}
	found := images.all with input as pod
	{entry.reference.name | some entry in found} == {"docker.io/library/nginx"}
}
