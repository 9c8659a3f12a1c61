package kpolicy.terraform.google.gke_secrets_encryption_test

import data.kpolicy.terraform.google.gke_secrets_encryption

resource(block) := {"resource": {"google_container_cluster": {"x": [block]}}}

path := ["resource", "google_container_cluster", "x", 0]

test_denies_a_cluster_without if {
	every block in [{}, {"database_encryption": [{"state": "DECRYPTED"}]}] {
		found := gke_secrets_encryption.deny with input as resource(block)
		found == {{
			"msg": "google_container_cluster.x does not encrypt its secrets with a key of yours",
			"path": array.concat(path, ["database_encryption"]),
		}}
	}
}

test_allows_encrypted_secrets if {
	found := gke_secrets_encryption.deny with input as resource({"database_encryption": [{"state": "ENCRYPTED"}]})
	found == set()
}
