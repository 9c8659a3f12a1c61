package kpolicy.docker.files.world_writable_test

import data.kpolicy.docker.files.world_writable

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_modes_for_everybody if {
	every mode in ["777", "0777", "a+w", "o=rw", "+w", "666"] {
		found := world_writable.deny with input as [instruction("run", [sprintf("chmod -R %s /app", [mode])])]
		count(found) == 1
	}
	copied := object.union(instruction("copy", ["a", "/a"]), {"Flags": ["--chmod=777"]})
	found := world_writable.deny with input as [copied]
	found == {{"msg": "everybody may write what COPY --chmod=777 brings", "path": [0, "Cmd"]}}
}

test_allows_other_modes if {
	every mode in ["755", "644", "u+w", "g=rw", "+x", "1775"] {
		found := world_writable.deny with input as [instruction("run", [sprintf("chmod %s /app", [mode])])]
		found == set()
	}
	found := world_writable.deny with input as [instruction("run", ["echo 777"])]
	found == set()
}

test_allows_other_modes_of_copies if {
	every flag in ["--chmod=755", "--chmod=0644", "--chown=777"] {
		found := world_writable.deny with input as [object.union(instruction("copy", ["a", "/a"]), {"Flags": [flag]})]
		found == set()
	}
}
