package kpolicy.docker.packages.install_asks_test

import data.kpolicy.docker.packages.install_asks

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_question if {
	every text in ["yum install curl", "dnf -q install curl", "zypper install curl"] {
		found := install_asks.deny with input as [instruction("run", [text])]
		found == {{"msg": sprintf("`%s` asks whether it may", [text]), "path": [0, "Value", 0]}}
	}
}

test_allows_answers_and_other_commands if {
	every text in ["yum -y install curl", "dnf install -qy curl", "zypper -n in curl", "zypper --non-interactive install x", "yum clean all"] {
		found := install_asks.deny with input as [instruction("run", [text])]
		found == set()
	}
}
