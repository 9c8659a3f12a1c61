package samples.old

import data.lib

import input as i
import rego.v1

deny contains msg if {
	msg = "a"
	input.a
}

deny contains msg if {
	msg := "b"
	not input.b
}

deny contains msg if {
	msg := "c"
}

p := x if x := 1

else := 2 if true

else := 3

q[x] := y if y := input[x]
f(x) := y if y := x
f(1)

g([_0, x]) := x if x > 1

else := 0 if x < 1

a.b.c := 1
set_of contains 1

default r := {"a": 1}

count_of := n if n := count([x | x := input.xs[_]; x in lib.known])
