# METADATA
# title: Values of the shape that a rule expects
# description: |
#   What stands at a path when it is of the expected type, and an empty one otherwise: null and wrong types neither
#   silence a rule nor raise an error.
package kpolicy.lib.shape

# What stands at a path; null where there is nothing.
default at(_, _) := null

at(holder, path) := object.get(holder, path, null) if is_object(holder)

# The list at a path; a list without items where there is none.
list_at(holder, path) := value if {
	value := at(holder, path)
	is_array(value)
}

list_at(holder, path) := [] if not is_array(at(holder, path))

# The table at a path; a table without keys where there is none.
table_at(holder, path) := value if {
	value := at(holder, path)
	is_object(value)
}

table_at(holder, path) := {} if not is_object(at(holder, path))

# The text at a path; an empty one where there is none.
text_at(holder, path) := value if {
	value := at(holder, path)
	is_string(value)
}

text_at(holder, path) := "" if not is_string(at(holder, path))

# Whether a value, also a number as it is written, matches one of several globs, in which * stands for any characters.
matches_any(patterns, value) if {
	some pattern in patterns
	glob.match(pattern, null, sprintf("%v", [value]))
}
