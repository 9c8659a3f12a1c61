package kpolicy.docker.commands.shell_form_test

import data.kpolicy.docker.commands.shell_form

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_the_shell_form if {
	found := shell_form.deny with input as [instruction("cmd", ["run it"])]
	found == {{"msg": "CMD run it runs below a shell", "path": [0, "Cmd"]}}
}

test_allows_lists if {
	found := shell_form.deny with input as [object.union(instruction("cmd", ["run", "it"]), {"JSON": true})]
	found == set()
}

test_allows_a_command_that_takes_the_place_of_the_shell if {
	found := shell_form.deny with input as [instruction("entrypoint", ["exec top -b"])]
	found == set()
}
