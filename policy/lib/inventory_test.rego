package kpolicy.lib.inventory_test

import data.kpolicy.lib.inventory

entry(object_) := [{"object": object_, "file": "all.yaml", "document": 0, "line": 1}]

namespace(name, labels) := {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}

deployment(name, spec) := {
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": {"template": {"metadata": {"labels": {"app": name}}, "spec": spec}},
}

pod := {"kind": "Pod", "metadata": {"name": "alone"}}

set_of_objects := {"objects": {
	"Namespace": {"": {"shop": entry(namespace("shop", {"team": "shop"})), "empty": entry(namespace("empty", {}))}},
	"Deployment": {"shop": {"web": entry(deployment("web", {})), "api": entry(deployment("api", {}))}},
	"Pod": {"default": {"alone": entry(pod)}},
}}

test_entries_by_kind if {
	found := {e.object.metadata.name | some e in inventory.in_namespace("Deployment", "shop")}
		with data.inventory as set_of_objects
	found == {"web", "api"}
	everywhere := {e.object.metadata.name | some e in inventory.everywhere("Namespace")}
		with data.inventory as set_of_objects
	everywhere == {"shop", "empty"}
}

test_pods_by_namespace if {
	pods := inventory.pods with data.inventory as set_of_objects
	{entry.labels | some entry in pods.shop} == {{"app": "web"}, {"app": "api"}}
	pods["default"] == {{"pod": pod, "labels": {}, "object": pod}}
}

test_namespaces_and_their_labels if {
	namespaces := inventory.namespaces with data.inventory as set_of_objects
	namespaces == {"shop", "empty", "default"}
	labels := inventory.namespace_labels("shop") with data.inventory as set_of_objects
	labels == {"team": "shop", "kubernetes.io/metadata.name": "shop"}
	undeclared := inventory.namespace_labels("default") with data.inventory as set_of_objects
	undeclared == {"kubernetes.io/metadata.name": "default"}
}

test_the_name_of_a_namespace_is_not_for_its_labels_to_say if {
	liar := {"objects": {"Namespace": {"": {"shop": entry(namespace("shop", {"kubernetes.io/metadata.name": "bank"}))}}}}
	labels := inventory.namespace_labels("shop") with data.inventory as liar
	labels == {"kubernetes.io/metadata.name": "shop"}
}

test_a_namespace_with_pods_stands_for_itself if {
	found := inventory.stands_for(namespace("shop", {})) with data.inventory as set_of_objects
	found == "shop"
	not inventory.stands_for(namespace("empty", {})) with data.inventory as set_of_objects
	not inventory.stands_for(deployment("api", {})) with data.inventory as set_of_objects
}

test_the_first_workload_stands_for_a_namespace_that_has_no_object if {
	undeclared := json.remove(set_of_objects, ["objects/Namespace"])
	found := inventory.stands_for(deployment("api", {})) with data.inventory as undeclared
	found == "shop"
	not inventory.stands_for(deployment("web", {})) with data.inventory as undeclared
}

test_without_a_set_nothing_is_known if {
	not inventory.known
	inventory.everywhere("Pod") == set()
	inventory.namespaces == set()
}

test_groups if {
	inventory.in_group({"apiVersion": "networking.istio.io/v1"}, "networking.istio.io")
	not inventory.in_group({"apiVersion": "networking.istio.io.evil/v1"}, "networking.istio.io")
	not inventory.in_group({}, "networking.istio.io")
}

test_a_set_that_is_no_table_is_not_known if {
	every odd in [null, [], "x"] {
		not inventory.known with data.inventory.objects as odd
		found := inventory.by_kind with data.inventory.objects as odd
		found == {}
	}
}

test_a_workload_does_not_stand_for_the_namespace_of_its_name if {
	not inventory.stands_for(deployment("shop", {})) with data.inventory as set_of_objects
}

test_a_patch_of_the_first_workload_does_not_stand_for_its_namespace if {
	undeclared := json.remove(set_of_objects, ["objects/Namespace"])
	patch := {"kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": {"replicas": 3}}
	not inventory.stands_for(patch) with data.inventory as undeclared
}
