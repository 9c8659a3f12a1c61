package names

reserved(name) if startswith(name, "kube-")

reserved(name) if {
	name == "system"
	not input.system
}

reserved(name) if name in data.reserved_names

limit(kind) := 3 if kind == "small"

limit(kind) := 5 if kind == "large"

limit("huge") := 7

absent if not input

allowed contains name if {
	name := input.names[_]
	limit(name) > 3
}

allowed contains "always"

empty if count(input.names) == 0
