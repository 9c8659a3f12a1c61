package main_test

import data.main

test_passes if main.port == 1 with input as {"a": true}

test_fails if main.port == 2 with input as {"a": true}

test_conflict if main.port == 1 with input as {"a": true, "b": true}

test_twice if true

test_twice if false

todo_test_later if false

todo_later if false

test_number := 1

test_false := false

test_set := {"a"}

test_function(x) if x

test_division if 1 / 0 == 1

test_case[note] if {
	some note, case in {"same": [1, 1], "different": [1, 2]}
	case[0] == case[1]
}

test_nested[kind][index] if {
	some kind, values in {"good": [true, true], "bad": [true, false]}
	some index, value in values
	value
}

test_data if data.limits.limits.most == 3

test_mocked if main.port == 7 with main.port as 7

test_clock if time.now_ns() == 1 with time.now_ns as 1

test_.part if true
