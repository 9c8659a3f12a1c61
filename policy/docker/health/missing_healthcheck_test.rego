package kpolicy.docker.health.missing_healthcheck_test

import data.kpolicy.docker.health.missing_healthcheck

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_an_image_without_one if {
	found := missing_healthcheck.deny with input as [instruction("from", ["alpine"])]
	found == {{"msg": "the image has no HEALTHCHECK", "path": [0, "Cmd"]}}
}

test_allows_one if {
	found := missing_healthcheck.deny with input as [instruction("from", ["alpine"]), instruction("healthcheck", ["NONE"])]
	found == set()
}
