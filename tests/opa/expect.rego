# What OPA makes of the cases in the tables beside crates/rego/src/number and crates/rego/src/builtins/sprintf:
#
#   jq -s . <table> | opa eval -I -d tests/opa/expect.rego -f raw data.expect.lines
#
# prints the same table with OPA's answers. A case without `want` is one that OPA has no result for.
package expect

# The index goes along because OPA remembers calls: `0` and `-0` are equal, and would share an answer.
lines := concat("\n", [line |
	some index, case in input
	line := json.marshal(object.union(object.remove(case, ["want"]), answer(index, case)))
])

answer(index, case) := {"want": sprintf(case.format, case.args)} if {
	case.format
} else := {"want": trim(sprintf("%v", [[computed(index, case)]]), "[]")} if {
	case.op
} else := {}

computed(_, case) := case.args[0] + case.args[1] if case.op == "plus"

computed(_, case) := case.args[0] - case.args[1] if case.op == "minus"

computed(_, case) := case.args[0] * case.args[1] if case.op == "times"

computed(_, case) := case.args[0] / case.args[1] if case.op == "divide"

computed(_, case) := case.args[0] % case.args[1] if case.op == "rem"

computed(_, case) := abs(case.args[0]) if case.op == "abs"

computed(_, case) := ceil(case.args[0]) if case.op == "ceil"

computed(_, case) := floor(case.args[0]) if case.op == "floor"

computed(_, case) := round(case.args[0]) if case.op == "round"
