package kpolicy.kubernetes.images.signed_test

import data.kpolicy.kubernetes.images.signed

digest := "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

pod(image) := {
	"kind": "Pod",
	"metadata": {"name": "x", "namespace": "shop"},
	"spec": {"containers": [{"name": "web", "image": image}]},
}

list := [{"digest": digest, "issuer": "https://ci.example.com", "subject": "release", "time": "2026-01-02T03:04:05Z"}]

by_digest := sprintf("web@%s", [digest])

denial(image, lack) := {
	"msg": sprintf("container web runs %s, %s", [image, lack]),
	"path": ["spec", "containers", 0, "image"],
}

test_denies_a_tag if {
	found := signed.deny with input as pod("web:1") with data.params.images.signed.signatures as list
	found == {denial("web:1", "which has no digest: what is signed is a digest")}
}

test_denies_what_is_not_signed if {
	found := signed.deny with input as pod(by_digest) with data.params.images.signed.signatures as []
	found == {denial(by_digest, "whose digest is not in the list of signatures")}
}

test_denies_another_issuer if {
	found := signed.deny with input as pod(by_digest)
		with data.params.images.signed as {"signatures": list, "issuers": ["https://other.example.com"]}
	found == {denial(by_digest, "whose signature is by issuer https://ci.example.com, which is not accepted")}
}

test_allows_what_is_signed if {
	found := signed.deny with input as pod(by_digest)
		with data.params.images.signed as {"signatures": list, "subjects": ["rel*"], "since": "2026-01-01T00:00:00Z"}
	found == set()
}

test_namespaces_by_pattern if {
	found := signed.deny with input as pod("web:1")
		with data.params.images.signed as {"signatures": list, "namespaces": ["prod-*"]}
	found == set()
	chosen := signed.deny with input as pod("web:1")
		with data.params.images.signed as {"signatures": list, "namespaces": ["prod-*", "sh*"]}
	count(chosen) == 1
}

test_namespaces_by_label if {
	namespace := {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"stage": "production"}}}
	every stage, many in {"production": 1, "test": 0} {
		found := signed.deny with input as pod("web:1")
			with data.params.images.signed as {"signatures": list, "namespace_labels": {"stage": stage}}
			with data.inventory as {"objects": {"Namespace": {"": {"shop": [{"object": namespace}]}}}}
		count(found) == many
	}
}

test_says_nothing_where_nothing_is_given if {
	found := signed.deny with input as pod("web:1")
	found == set()
}

test_a_parameter_without_a_value_gives_nothing if {
	found := signed.deny with input as pod("web:1") with data.params.images.signed.signatures as null
	found == set()
}
