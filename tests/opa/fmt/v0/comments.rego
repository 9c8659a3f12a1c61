package samples.comments

import rego.v1

p if {
	# first
	input.a # behind a

	# between
	input.b == [ # in an array
		1, # one
		# two follows
		2,
		# last
	]
	# after everything
}

q contains x if { # behind a brace
	x := { # behind an object
		"a": 1, # behind an entry

		# above an entry
		"b": f( # in a call
			1,
			2, # two
		),
	}
	y := [z | # in a comprehension
		# above a statement
		z := input.z[_] # behind a statement
		# at its end
	]
	every k in y { # of every
		k > 1 # one
		# two
	}
	some a, b in {1} # behind some
	a with input as { # with
		"x": 1, # x
	}
}

f(a, b) := c if { # function
	c := a + b # sum
} # after the brace

else := 1 if { # of else
	a
	# nothing
}

# METADATA
# title: r

# METADATA
# title: r again
r := 1 # one

# indented
# last
