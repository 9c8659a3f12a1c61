package kpolicy.docker.commands.piped_script_test

import data.kpolicy.docker.commands.piped_script

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_pipe_to_a_shell if {
	found := piped_script.deny with input as [instruction("run", ["curl -fsSL https://example.com/i.sh | sudo -E bash -"])]
	found == {{
		"msg": "what `curl -fsSL https://example.com/i.sh | sudo -E bash` downloads is run unseen",
		"path": [0, "Value", 0],
	}}
}

test_allows_other_pipes if {
	every run in ["curl https://example.com/x | tar xz", "wget x && sh x", "cat x | sh", "curl x | sha256sum"] {
		found := piped_script.deny with input as [instruction("run", [run])]
		found == set()
	}
}
