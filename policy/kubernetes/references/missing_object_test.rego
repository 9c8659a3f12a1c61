package kpolicy.kubernetes.references.missing_object_test

import data.kpolicy.kubernetes.references.missing_object

pod(spec) := {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}

given := {"objects": {"ConfigMap": {"shop": {"web": [{"object": {"metadata": {"name": "web"}}}]}}}}

test_denies_what_is_missing if {
	found := missing_object.deny with input as pod({"volumes": [{"configMap": {"name": "wbe"}}]}) with data.inventory as given
	found == {{
		"msg": "Pod web refers to ConfigMap wbe, which namespace shop has not",
		"path": ["spec", "volumes", 0, "configMap", "name"],
	}}
}

test_allows_what_is_there_or_elsewhere if {
	every volume in [
		{"configMap": {"name": "web"}},
		{"configMap": {"name": "wbe", "optional": true}},
		{"configMap": {"name": "kube-root-ca.crt"}},
		{"secret": {"secretName": "web"}},
	] {
		found := missing_object.deny with input as pod({"volumes": [volume]}) with data.inventory as given
		found == set()
	}
}

test_says_nothing_where_the_set_is_not_known if {
	found := missing_object.deny with input as pod({"volumes": [{"configMap": {"name": "wbe"}}]})
	found == set()
}
