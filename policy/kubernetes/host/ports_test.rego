package kpolicy.kubernetes.host.ports_test

import data.kpolicy.kubernetes.host.ports

of_kind(kind, spec) := {"kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": spec}}}

spec := {"containers": [{"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 0}]}]}

finding(kind) := {
	"msg": sprintf("container web of %s web takes port 80 of the node", [kind]),
	"path": ["spec", "template", "spec", "containers", 0, "ports", 0, "hostPort"],
}

test_denies_a_port_of_the_node if {
	denied := ports.deny with input as of_kind("Deployment", spec)
	denied == {finding("Deployment")}
	warned := ports.warn with input as of_kind("Deployment", spec)
	warned == set()
}

test_reports_a_container_once if {
	two := {"containers": [{"name": "web", "ports": [{"hostPort": 80}, {"hostPort": 443}]}]}
	denied := ports.deny with input as of_kind("Deployment", two)
	denied == {{
		"msg": "container web of Deployment web takes port 80, 443 of the node",
		"path": ["spec", "template", "spec", "containers", 0, "ports", 0, "hostPort"],
	}}
}

test_warns_of_agents if {
	denied := ports.deny with input as of_kind("DaemonSet", spec)
	denied == set()
	warned := ports.warn with input as of_kind("DaemonSet", spec)
	warned == {finding("DaemonSet")}
}

test_allows_ports_of_the_pod if {
	own := {"containers": [{"name": "web", "ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": null}]}, {"name": "none"}]}
	denied := ports.deny with input as of_kind("Deployment", own)
	denied == set()
}
