package kpolicy.docker.commands.sudo_test

import data.kpolicy.docker.commands.sudo

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_sudo if {
	found := sudo.deny with input as [instruction("run", ["true && sudo ls"])]
	found == {{"msg": "`sudo ls` takes another user than USER says", "path": [0, "Value", 0]}}
}

test_allows_the_word if {
	found := sudo.deny with input as [instruction("run", ["rm /etc/sudo && echo sudo"])]
	found == set()
}
