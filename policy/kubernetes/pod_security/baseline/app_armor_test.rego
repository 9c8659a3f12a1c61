package kpolicy.kubernetes.pod_security.baseline.app_armor_test

import data.kpolicy.kubernetes.pod_security.baseline.app_armor

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

annotated(value) := {
	"kind": "Pod",
	"metadata": {
		"name": "shop",
		"annotations": {"container.apparmor.security.beta.kubernetes.io/web": value, "other": "x"},
	},
}

test_denies_other_types if {
	every type in ["Unconfined", ""] {
		found := app_armor.deny with input as pod({"securityContext": {"appArmorProfile": {"type": type}}})
		found == {{
			"msg": sprintf("Pod shop sets the AppArmor profile %s", [type]),
			"path": ["spec", "securityContext", "appArmorProfile", "type"],
		}}
	}
}

test_denies_annotations if {
	found := app_armor.deny with input as annotated("unconfined")
	found == {{
		"msg": "Pod shop sets the AppArmor profile unconfined by an annotation",
		"path": ["metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/web"],
	}}
}

test_allows_annotations if {
	every value in ["", "runtime/default", "localhost/web"] {
		found := app_armor.deny with input as annotated(value)
		found == set()
	}
}

test_allows if {
	every given in [
		{},
		{"securityContext": {"appArmorProfile": null}},
		{"securityContext": {"appArmorProfile": {"type": "Localhost"}}},
	] {
		found := app_armor.deny with input as pod(given)
		found == set()
	}
}

test_denies_an_annotation_that_is_no_text if {
	found := app_armor.deny with input as annotated(5)
	{finding.msg | some finding in found} == {"Pod shop sets the AppArmor profile 5 by an annotation"}
}
