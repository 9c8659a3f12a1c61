package kpolicy.kubernetes.security.root_group_test

import data.kpolicy.kubernetes.security.root_group

pod(context, own) := {
	"kind": "Pod",
	"metadata": {"name": "shop"},
	"spec": {"securityContext": context, "containers": [{"name": "web", "securityContext": own}]},
}

path(rest) := array.concat(["spec", "securityContext"], rest)

test_denies_the_group_of_the_pod if {
	found := root_group.deny with input as pod({"runAsGroup": 0}, {})
	found == {{"msg": "container web of Pod shop runs as group 0, which is root's", "path": path(["runAsGroup"])}}
}

test_the_container_overrides_the_pod if {
	found := root_group.deny with input as pod({"runAsGroup": 0}, {"runAsGroup": 1000})
	found == set()
}

test_denies_groups_of_volumes_and_added_ones if {
	found := root_group.deny with input as pod({"fsGroup": 0, "supplementalGroups": [1000, 0]}, {})
	found == {
		{"msg": "Pod shop gives its volumes to group 0, which is root's", "path": path(["fsGroup"])},
		{"msg": "Pod shop adds group 0, which is root's", "path": path(["supplementalGroups", 1])},
	}
}

test_allows if {
	every context in [null, {}, {"fsGroup": 1000, "supplementalGroups": null}, {"supplementalGroups": [1000]}] {
		found := root_group.deny with input as pod(context, null)
		found == set()
	}
}

test_allows_root_among_users_of_its_own if {
	spec := {"hostUsers": false, "securityContext": {"fsGroup": 0}}
	found := root_group.deny with input as {"kind": "Pod", "spec": spec}
	found == set()
}

test_every_group_of_root_is_allowed_among_users_of_its_own if {
	context := {"runAsGroup": 0, "supplementalGroups": [0]}
	found := root_group.deny with input as object.union(pod(context, {}), {"spec": {"hostUsers": false}})
	found == set()
}
