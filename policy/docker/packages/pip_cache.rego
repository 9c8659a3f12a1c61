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
	not is_of_uv(command.words)
	not "--no-cache-dir" in command.words
	not mounted(command.index)
	not switched_off
	msg := sprintf("`%s` leaves its downloads in the image", [command.text])
}

mounted(index) if {
	some target in dockerfile.mounted_at(index)
	regex.match(default_directory, target)
}

mounted(index) if {
	some directory in (directories | directories_of(index))
	dockerfile.is_mounted(index, directory)
}

# The cache is below the home directory of the user, which is not known; a path with a variable may be any.
default_directory := `\$|^/(root|home(/[^/]+)?|(.*/)?\.cache(/pip)?)/*$`

# Where variables say that the cache is.
directories contains concat("", [trim(setting.value, `"'`), below[setting.name]]) if some setting in dockerfile.settings

below := {"HOME": "/.cache/pip", "PIP_CACHE_DIR": "", "XDG_CACHE_HOME": "/pip"}

# Where a RUN says that the cache is.
directories_of(index) := {found[1] |
	some command in dockerfile.commands
	command.index == index
	some found in regex.find_all_string_submatch_n(`(?:--cache-dir[= ]|PIP_CACHE_DIR=)["']?([^\s"']+)`, command.text, -1)
}

# What is called pip in uv has the cache of uv.
is_of_uv(words) if {
	some word in words
	dockerfile.program(word) == "uv"
}

switched_off if {
	some setting in dockerfile.settings
	setting.name == "PIP_NO_CACHE_DIR"
}
