package kpolicy.kubernetes.pod_security.restricted.privilege_escalation_test

import data.kpolicy.kubernetes.pod_security.restricted.privilege_escalation

pod(spec) := {"kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}

spec(context) := {"containers": [{"name": "web", "securityContext": context}]}

test_denies_all_but_false if {
	every context in [{}, null, {"allowPrivilegeEscalation": true}, {"allowPrivilegeEscalation": null}] {
		found := privilege_escalation.deny with input as pod(spec(context))
		found == {{
			"msg": "container web of Pod shop may gain privileges: allowPrivilegeEscalation is not false",
			"path": ["spec", "containers", 0, "securityContext", "allowPrivilegeEscalation"],
		}}
	}
}

test_allows if {
	every given in [
		{},
		spec({"allowPrivilegeEscalation": false}),
		object.union(spec({}), {"os": {"name": "windows"}}),
	] {
		found := privilege_escalation.deny with input as pod(given)
		found == set()
	}
}
