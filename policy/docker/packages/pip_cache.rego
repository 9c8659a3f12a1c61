# METADATA
# title: The image keeps what pip downloaded
# description: |
#   pip keeps every archive that it downloads in a cache that nobody will ask again.
# related_resources:
#   - https://pip.pypa.io/en/stable/topics/caching/
# custom:
#   severity: low
#   remediation: Write pip install --no-cache-dir, set PIP_NO_CACHE_DIR=1, or mount a cache.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.packages.pip_cache

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": [command.index, "Value", 0]} if {
	some command in dockerfile.commands
	dockerfile.calls(command.words, {"pip", "pip3"}, {"install"})
	not "--no-cache-dir" in command.words
	not mounted(command.index)
	not switched_off
	msg := sprintf("`%s` leaves its downloads in the image", [command.text])
}

mounted(index) if {
	some entry in dockerfile.instructions
	entry.index == index
	some flag in entry.flags
	startswith(flag, "--mount=type=cache")
}

switched_off if {
	some setting in dockerfile.settings
	setting.name == "PIP_NO_CACHE_DIR"
}
