package samples.old

import data.lib
import future.keywords.in
import input as i

deny[msg] {
	msg = "a"
	input.a
}

deny[msg] {
	msg := "b"
	not input.b
}

deny[msg] {
	msg := "c"
}

p = x {
	x := 1
}

else = 2 {
	true
}

else = 3

q[x] = y {
	y := input[x]
}

f(x) = y {
	y := x
}

f(1)

g([_0, x]) = x {
	x > 1
}

else = 0 {
	x < 1
}

a.b.c = 1

set_of[1]

default r = {"a": 1}

count_of = n {
	n := count([x | x := input.xs[_]; x in lib.known])
}
