# METADATA
# title: One view of Dockerfiles
# description: |
#   The instructions of a Dockerfile, as conftest's parser gives them, with their stages; each carries its path into the
#   input.
package kpolicy.lib.dockerfile

# Each instruction: {"index": …, "command": …, "flags": …, "values": …, "stage": …}; what ONBUILD puts off is its own.
instructions contains entry if {
	is_array(input)
	some index, instruction in input
	is_string(instruction.Cmd)
	is_array(instruction.Value)
	every value in instruction.Value { is_string(value) }
	entry := {
		"index": index,
		"command": command(instruction),
		"flags": object.get(instruction, "Flags", []),
		"values": instruction.Value,
		"stage": object.get(instruction, "Stage", 0),
		"exec": object.get(instruction, "JSON", false),
	}
}

command(instruction) := lower(instruction.Cmd) if lower(instruction.Cmd) != "onbuild"

command(instruction) := lower(object.get(instruction, "SubCmd", "")) if lower(instruction.Cmd) == "onbuild"

# The instructions of one command.
of_command(name) := {entry |
	some entry in instructions
	entry.command == name
}

# The number of the stage that becomes the image.
last_stage := max({entry.stage | some entry in of_command("from")})

# A stage with the stages that it is built on, whose USER, WORKDIR and the like it takes over.
lineage(stage) := {stage} | graph.reachable(parents, {stage})

# The earlier stage of the file that each stage is built on, in a set; empty where FROM names an image.
parents[entry.stage] := {parent | parent := max(stages_named(entry, lower(entry.values[0])))} if {
	some entry in of_command("from")
}

stages_named(from, name) := {entry.stage |
	some entry in of_command("from")
	entry.index < from.index
	name_of_stage(entry) == name
}

# Whether a stage, or one that it is built on, may be built on a stage that a build argument names: what it takes over is
# not known then.
has_unknown_parent(stage) if {
	some entry in of_command("from")
	entry.stage in lineage(stage)
	contains(entry.values[0], "$")
	some text in by_default(entry.values[0])
	some name in names_before(entry.index)
	may_be(text, name)
}

# What a build argument is where the build gives it no value, in a set; a string of more than the argument stays as it is.
by_default(text) := {text} if argument_defaults(text) == set()

by_default(text) := argument_defaults(text) if argument_defaults(text) != set()

argument_defaults(text) := {trim(setting.value, `"'`) |
	some setting in settings
	setting.command == "ARG"
	setting.path[0] < min({entry.index | some entry in of_command("from")})
	setting.name == trim(text, "${}")
}

may_be(text, name) if {
	fixed := regex.split(`\$(\{[^}]*\}|\w+)`, lower(text))
	pattern := concat(".*", [regex.replace(part, `[^\w-]`, `\$0`) | some part in fixed])
	regex.match(sprintf("^%s$", [pattern]), name)
}

# The path of the FROM of a stage.
path_of_stage(stage) := [entry.index, "Cmd"] if {
	some entry in of_command("from")
	entry.stage == stage
}

# Each base image: {"image": …, "path": …, "index": …}; neither scratch, nor an earlier stage, nor what an argument names.
bases contains {"image": image, "path": [entry.index, "Value", 0], "index": entry.index} if {
	some entry in of_command("from")
	image := entry.values[0]
	lower(image) != "scratch"
	not contains(image, "$")
	not lower(image) in names_before(entry.index)
}

# The names of the stages that begin before an instruction.
names_before(index) := {name_of_stage(entry) |
	some entry in of_command("from")
	entry.index < index
}

name_of_stage(from) := lower(from.values[2])

# Each shell command of each RUN: {"words": …, "index": …, "text": …}; a text between `&&`, `||`, `;` and `|` is one.
commands contains {"index": entry.index, "text": text, "words": words} if {
	some entry in of_command("run")
	some part in regex.split(`&&|\|\||[;|\n]`, concat(" ", entry.values))
	text := trim(part, " \t()")
	words := [word | some word in regex.split(`[\s(){}]+`, text); word != ""]
	count(words) > 0
}

# Whether words call one of these programs with one of these subcommands, whatever options stand between them.
calls(words, programs, subcommands) if {
	some at, word in words
	name := program(word)
	name in programs
	arguments := array.slice(words, at + 1, count(words))
	plain := [argument |
		some place, argument in arguments
		not startswith(argument, "-")
		not is_value(name, arguments, place)
	]
	plain[0] in subcommands
}

# Whether an argument is the value of the option before it, which is alone or the last of several letters.
is_value(name, arguments, place) if regex.match(options_with_value[name], arguments[place - 1])

# The options with a value that can stand before a subcommand, by program.
options_with_value["apk"] := `^(-[^-Xpt]*[Xpt]|--(arch|cache-dir|cache-max-age|keys-dir|preupgrade-depends|progress-fd|repositories-file|repository|repository-config|root|timeout|virtual|wait))$`

options_with_value["aptitude"] := `^(-[^-FOSotw]*[FOSotw]|--(add-user-tag|default-release|display-format|remove-user-tag|sort|target-release|width))$`

options_with_value["zypper"] := `^(-[^-CDRcp]*[CDRcp]|--(cache-dir|config|installroot|pkg-cache-dir|plus-content|plus-repo|raw-cache-dir|releasever|reposd-dir|root|solv-cache-dir|userdata))$`

options_with_value[name] := `^(-[^-PSacot]*[PSacot]|--(build-profiles|config-file|default-release|host-architecture|option|planner|snapshot|solver|target-release|with-source))$` if {
	some name in ["apt", "apt-get"]
}

options_with_value[name] := `^(-[^-Rcdex]*[Rcdex]|--(advisory|advisories|arch|bz|bzs|color|comment|config|cve|cves|debuglevel|destdir|disableexcludes|disableplugin|disablerepo|downloaddir|enableplugin|enablerepo|errorlevel|exclude|excludepkgs|forcearch|installroot|randomwait|releasever|repo|repofrompath|repoid|rpmverbosity|sec-severity|secseverity|setopt))$` if {
	some name in ["dnf", "microdnf", "yum"]
}

options_with_value[name] := `^--(cache-dir|cert|client-cert|default-timeout|exists-action|keyring-provider|log|log-file|proxy|python|resume-retries|retries|timeout|trusted-host|use-deprecated|use-feature)$` if {
	some name in ["pip", "pip3"]
}

program(word) := parts[count(parts) - 1] if parts := split(word, "/")

# Whether what a RUN writes to a directory goes to a mounted cache or tmpfs, and so not into the image.
is_mounted(index, directory) if {
	some target in mounted_at(index)
	covers(target, directory)
}

# The targets of the caches and tmpfs that an instruction mounts.
mounted_at(index) := {target |
	some entry in instructions
	entry.index == index
	some flag in entry.flags
	startswith(flag, "--mount=")
	regex.match(`(?i)[=,"]type=(cache|tmpfs)([,"]|$)`, flag)
	target := regex.find_all_string_submatch_n(`(?i)[=,"](target|dst|destination)=([^,"]*)`, flag, 1)[0][2]
}

# Whether a mount at a target is one over a directory; a path with a variable may be any.
covers(target, directory) if startswith(sprintf("%s/", [directory]), sprintf("%s/", [trim_right(target, "/")]))

covers(target, directory) if contains(concat("", [target, directory]), "$")

# Each name that ENV and ARG give a value: {"name": …, "value": …, "path": …, "command": …}.
settings contains {"name": name, "value": value, "path": [entry.index, "Value", at], "command": "ENV"} if {
	some entry in of_command("env")
	some at, name in entry.values
	at % 3 == 0
	value := entry.values[at + 1]
}

settings contains {"name": name, "value": value, "path": [entry.index, "Value", at], "command": "ARG"} if {
	some entry in of_command("arg")
	some at, text in entry.values
	sides := regex.find_all_string_submatch_n(`(?s)^([^=]+)=(.*)$`, text, 1)[0]
	name := sides[1]
	value := sides[2]
}
