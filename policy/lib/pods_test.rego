package kpolicy.lib.pods_test

import data.kpolicy.lib.pods

deployment(spec) := {"kind": "Deployment", "metadata": {"name": "shop"}, "spec": {"template": {"spec": spec}}}

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

test_names_of_pods_and_containers if {
	spec := {"containers": [{"name": "web"}], "ephemeralContainers": [{}]}
	of_deployment := {entry.who | some entry in pods.containers} with input as deployment(spec)
	of_deployment == {"container web of Deployment shop", "container without a name of Deployment shop"}
	{entry.who | some entry in pods.pods} == {"the pod of Deployment shop"} with input as deployment(spec)
	{entry.who | some entry in pods.pods} == {"Pod shop"} with input as pod(spec)
}

test_contexts_of_pods_and_containers_with_their_paths if {
	spec := {"securityContext": {}, "containers": [{"name": "web", "securityContext": {"privileged": true}}]}
	found := {entry.path | some entry in pods.contexts} with input as deployment(spec)
	found == {
		["spec", "template", "spec", "securityContext"],
		["spec", "template", "spec", "containers", 0, "securityContext"],
	}
}

test_what_is_no_context_and_no_volume_is_passed_over if {
	every odd in [null, "x", ["x"], 1] {
		spec := {"securityContext": odd, "volumes": odd, "containers": [{"securityContext": odd}]}
		found := pods.contexts | pods.volumes with input as pod(spec)
		found == set()
	}
}

test_volumes_and_their_sources if {
	volume := {"name": "host", "hostPath": {"path": "/"}, "emptyDir": null}
	found := {[entry.who, entry.path, pods.sources(entry.volume)] | some entry in pods.volumes}
		with input as pod({"volumes": [volume]})
	found == {["volume host of Pod shop", ["spec", "volumes", 0], {"hostPath"}]}
}

test_a_volume_without_a_source_is_an_empty_directory if {
	pods.sources({"name": "tmp"}) == {"emptyDir"}
	pods.sources({"name": "tmp", "nfs": null}) == {"emptyDir"}
}

entry(own, of_pod) := {
	"container": {"securityContext": own},
	"pod": {"spec": {"securityContext": of_pod}},
	"path": ["spec", "containers", 0],
	"of": {"path": []},
}

test_the_container_goes_before_its_pod if {
	pods.setting(entry({"runAsUser": 0}, {"runAsUser": 1}), "runAsUser") == 0
	pods.setting(entry({"runAsUser": null}, {"runAsUser": 1}), "runAsUser") == 1
	pods.setting(entry({}, {}), "runAsUser") == null
	pods.setting(entry({"runAsNonRoot": false}, {"runAsNonRoot": true}), "runAsNonRoot") == false
}

test_where_a_setting_stands if {
	own := ["spec", "containers", 0, "securityContext", "runAsUser"]
	pods.setting_path(entry({"runAsUser": 0}, {"runAsUser": 1}), "runAsUser") == own
	pods.setting_path(entry({}, {}), "runAsUser") == own
	pods.setting_path(entry({}, {"runAsUser": 0}), "runAsUser") == ["spec", "securityContext", "runAsUser"]
}

test_windows_and_user_namespaces if {
	pods.is_windows({"spec": {"os": {"name": "windows"}}})
	not pods.is_windows({"spec": {"os": {"name": "linux"}}})
	not pods.is_windows({"spec": "odd"})
	pods.in_user_namespace({"spec": {"hostUsers": false}})
	not pods.in_user_namespace({"spec": {"hostUsers": true}})
	not pods.in_user_namespace({"spec": {}})
}
