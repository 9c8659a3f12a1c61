# A license header.

# METADATA
# title: Layout
package samples.layout

import data.b.x as z
import data.b.y # behind an import
import input.a
import rego.v1

# above the rules

allow := true

deny contains msg if {
	some x in input.xs
	x > 1
	msg := sprintf("%d: %v", [
		x,
		x,
	])
}

deny contains "one" if input.one # behind a rule
deny contains "two" if input.two
names[x] := y if some x, y in input.names

default level := 1

level := 2 if {
	input.a
	input.b

	# alone
	not input.c # behind
} else := 3 if input.d

else := 4 if {
	input.e
}

obj := {
	"a": 1, "b": [
		1, 2,
		3, # after a line
	],
	"c": {x | x := input.a[_]},
	"d": {k: v | some k, v in input; v != null; k != ""},
}

long := concat("", [
	"a",
	"b",
])

same := {1, 2}
twice := {"a": 1, "a": 2}

f(x, [_, y]) := x + (y * (2 - 1)) if x > 0
f(x, _) := 0 - x

all_of if every k, v in input.items {
	k > 0
	v > 0
}

every_one if {
	every x in [1, 2] { x > 0 }
}

replaced if allow with input.a as 1 with input.b as {
	"c": 2,
}

replaced if allow
	with input.a as 1
	with input.b as 2

paths.of.it["a b"].c := `raw
string` if {
	input["if"]
	input.package
	data.a.b[input.c]["d-e"]
}

union := {(a | b), c} if {
	a := {1}
	b := {2}
	c := a & b
}

list := [(1 + 2) * 3, [x | x := 1 + 2], {y | y := input[_]}]
text := $"a {input.x} and b {count(input.xs) + 1}"

# the end
