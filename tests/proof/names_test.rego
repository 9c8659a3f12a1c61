package names_test

import data.names

test_system if {
	names.reserved("system") with input as {}
	not names.reserved("system") with input.system as true
}

test_reserved_elsewhere if names.reserved("x") with data.reserved_names as ["x"] with input as {}

test_limits if names.limit("small") == 3

test_allowed if {
	found := names.allowed with input.names as ["large", "small", "huge"]
	found == {"always", "large", "huge"}
}

test_absent if names.absent

test_present if not names.absent with input as {}

todo_test_empty if names.empty with input.names as []
