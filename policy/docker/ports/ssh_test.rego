package kpolicy.docker.ports.ssh_test

import data.kpolicy.docker.ports.ssh

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_port_22 if {
	found := ssh.deny with input as [instruction("expose", ["80", "22/tcp"])]
	found == {{"msg": "the image exposes port 22/tcp, SSH", "path": [0, "Value", 1]}}
}

test_allows_other_ports if {
	found := ssh.deny with input as [instruction("expose", ["80", "2222", "22/udp"])]
	found == set()
}
