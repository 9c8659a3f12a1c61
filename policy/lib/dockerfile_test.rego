package kpolicy.lib.dockerfile_test

import data.kpolicy.lib.dockerfile

instruction(cmd, values, stage) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": stage, "Value": values}

stages := [
	instruction("arg", ["BASE=alpine"], 0),
	instruction("from", ["golang:1.22", "AS", "build"], 0),
	instruction("from", ["build"], 1),
	instruction("from", ["${BASE}"], 2),
	instruction("from", ["scratch"], 3),
]

test_bases_are_images_from_elsewhere if {
	found := dockerfile.bases with input as stages
	found == {{"image": "golang:1.22", "path": [1, "Value", 0], "index": 1}}
}

test_the_last_stage_is_the_image if {
	last := dockerfile.last_stage with input as stages
	last == 3
	path := dockerfile.path_of_stage(2) with input as stages
	path == [3, "Cmd"]
}

test_what_is_put_off_is_an_instruction_too if {
	put_off := object.union(instruction("onbuild", ["ls"], 0), {"SubCmd": "RUN"})
	found := dockerfile.of_command("run") with input as [put_off]
	count(found) == 1
}

test_shell_commands_are_taken_apart if {
	run := instruction("run", ["apt-get update && (apt-get -y install curl; sudo ls)"], 0)
	found := {command.words | some command in dockerfile.commands} with input as [run]
	found == {["apt-get", "update"], ["apt-get", "-y", "install", "curl"], ["sudo", "ls"]}
}

test_what_stands_between_no_words_is_no_command if {
	found := {command.words | some command in dockerfile.commands} with input as [instruction("run", ["ls;\n"], 0)]
	found == {["ls"]}
}

test_calls_with_options_between if {
	dockerfile.calls(["sudo", "/usr/bin/apt-get", "-y", "install", "curl"], {"apt-get", "apt"}, {"install"})
	not dockerfile.calls(["apt-get", "update"], {"apt-get"}, {"install"})
	not dockerfile.calls(["echo", "install"], {"apt-get"}, {"install"})
}

test_calls_whose_options_take_a_value if {
	every words in [
		["apk", "-X", "https://example.org/alpine", "--virtual", ".build", "install"],
		["apt", "--option", "APT::Color=0", "install"],
		["apt-get", "-o", "Acquire::Retries=3", "-t", "bookworm-backports", "install"],
		["apt-get", "-yqt", "bookworm", "-c", "apt.conf", "install"],
		["apt-get", "--target-release", "bookworm", "--default-release", "sid", "--config-file", "a", "install"],
		["aptitude", "-t", "sid", "install"],
		["dnf", "-y", "--enablerepo", "crb", "--setopt", "a=b", "install"],
		["microdnf", "--enablerepo", "crb", "install"],
		["yum", "-d", "0", "-e", "0", "install"],
		["zypper", "--root", "/mnt", "-n", "install"],
		["pip", "--cache-dir", "/tmp/pip", "install"],
		["/usr/bin/pip3", "--proxy", "http://proxy", "install"],
	] {
		dockerfile.calls(words, {dockerfile.program(words[0])}, {"install"})
	}
}

test_calls_whose_options_take_no_value_of_the_next_word if {
	every words in [
		["apt-get", "-y", "clean", "install"],
		["apt-get", "-oAPT::Color=0", "clean", "install"],
		["apt-get", "-tsid", "clean", "install"],
		["apt-get", "--option=APT::Color=0", "clean", "install"],
		["zypper", "--non-interactive", "clean", "install"],
		["pip", "-q", "check", "install"],
		["cargo", "-o", "clean", "install"],
	] {
		not dockerfile.calls(words, {words[0]}, {"install"})
	}
}

test_settings_of_both_commands if {
	env := instruction("env", ["A", "1", "=", "B", "2", "="], 0)
	arg := instruction("arg", ["C=x=y"], 0)
	found := {[entry.name, entry.value] | some entry in dockerfile.settings} with input as [env, arg]
	found == {["A", "1"], ["B", "2"], ["C", "x=y"]}
}

test_other_documents_have_none if {
	every document in [
		{"kind": "Pod"},
		{"step": instruction("run", ["ls"], 0)},
		["x", 1],
		[instruction(1, ["ls"], 0)],
		[instruction("run", "ls", 0)],
		[instruction("run", {"command": "ls"}, 0)],
		[instruction("run", ["ls", 1], 0)],
		"text",
	] {
		found := dockerfile.instructions with input as document
		found == set()
	}
}

test_a_stage_is_built_on_the_last_earlier_one_of_its_name if {
	chain := [
		instruction("from", ["alpine", "AS", "Base"], 0),
		instruction("from", ["debian", "AS", "base"], 1),
		instruction("from", ["BASE", "AS", "build"], 2),
		instruction("from", ["build", "AS", "final"], 3),
		instruction("from", ["0"], 4),
		instruction("from", ["last", "AS", "last"], 5),
	]
	every stage, lineage in [{0}, {1}, {1, 2}, {1, 2, 3}, {4}, {5}] {
		found := dockerfile.lineage(stage) with input as chain
		found == lineage
	}
}

from_argument(default_, text) := [
	instruction("arg", default_, 0),
	instruction("from", ["alpine", "AS", "build-a"], 0),
	instruction("arg", ["OTHER=alpine"], 0),
	instruction("env", ["ENV", "alpine", "="], 0),
	instruction("from", [text, "AS", "argued"], 1),
	instruction("from", ["argued"], 2),
]

test_an_argument_may_name_a_stage if {
	every document in [
		from_argument(["BASE"], "${BASE}"),
		from_argument(["BASE"], "$BASE"),
		from_argument([`BASE="build-a"`], "$BASE"),
		from_argument(["BASE=alpine"], "$OTHER"),
		from_argument(["BASE=alpine"], "$ENV"),
		from_argument(["BASE"], "Build-${BASE}"),
	] {
		dockerfile.has_unknown_parent(1) with input as document
		dockerfile.has_unknown_parent(2) with input as document
		not below_argument(0, document)
	}
}

test_an_argument_names_an_image if {
	every document in [
		from_argument(["BASE=alpine"], "${BASE}"),
		from_argument(["BASE"], "registry/${BASE}"),
		from_argument(["BASE"], "${BASE}:3"),
		from_argument(["BASE"], "build.${BASE}"),
		from_argument(["BASE"], "build-a"),
	] {
		not below_argument(2, document)
	}
}

below_argument(stage, document) if dockerfile.has_unknown_parent(stage) with input as document

test_the_value_of_a_variable_is_no_default if {
	before := array.concat([instruction("env", ["BASE", "alpine", "="], 0)], from_argument(["X=y"], "$BASE"))
	dockerfile.has_unknown_parent(1) with input as before
}

is_mounted(flag, directory) if {
	run := object.union(instruction("run", ["ls"], 0), {"Flags": ["--network=none", flag]})
	dockerfile.is_mounted(1, directory) with input as [instruction("from", ["alpine"], 0), run]
}

test_a_mount_is_over_its_target_and_what_is_below if {
	every options in [
		"type=cache,target=/var/lib/apt/lists",
		"type=cache,id=lists,dst=/var/lib/apt,sharing=locked",
		"destination=/var/lib/,type=tmpfs",
		"Type=Cache,Target=/var",
		"type=cache,target=${LISTS}",
		`type=cache,"target=/var/lib/apt/lists"`,
	] {
		is_mounted(sprintf("--mount=%s", [options]), "/var/lib/apt/lists")
	}
	is_mounted("--mount=type=cache,target=/cache", "$HOME/.cache")
}

test_other_mounts_are_not_over_a_directory if {
	every options in [
		"type=cache,target=/root/.cache",
		"type=cache,target=/var/lib/apt/list",
		"type=cache,target=/var/lib/apt/lists/partial",
		"type=cache,target=lists",
		"type=bind,target=/var/lib/apt/lists",
		"type=cached,target=/var/lib/apt/lists",
		"target=/var/lib/apt/lists",
	] {
		not is_mounted(sprintf("--mount=%s", [options]), "/var/lib/apt/lists")
	}
	not is_mounted("--label=type=cache,target=/var", "/var")
}

test_a_mount_of_another_instruction_does_not_count if {
	run := object.union(instruction("run", ["ls"], 0), {"Flags": ["--mount=type=cache,target=/var"]})
	found := dockerfile.mounted_at(1) with input as [run, instruction("run", ["ls"], 0)]
	found == set()
}
