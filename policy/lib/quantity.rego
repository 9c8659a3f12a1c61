# METADATA
# title: Quantities
# description: |
#   Kubernetes' quantities as exact whole numbers: `1.5`, `1500m`, `1Gi`, `1e3`, texts and numbers alike. What is no
#   quantity has no amount, and `is_valid` is undefined for it.
package kpolicy.lib.quantity

# The amount in billionths, the finest that Kubernetes keeps; what is finer is rounded up, as it does.
billionths(value) := signed(parts[1], rounded(multiplied(parts), scale(parts))) if parts := parts_of(value)

# Whether a value is one that Kubernetes reads as a quantity.
is_valid(value) if parts_of(value)

# Whether a value is a quantity above zero.
is_positive(value) if billionths(value) > 0

# The whole match, the sign, the digits before and behind the point, and the suffix.
parts_of(value) := found[0] if {
	found := regex.find_all_string_submatch_n(pattern, sprintf("%v", [value]), 1)
	sprintf("%s%s", [found[0][2], found[0][3]]) != ""
}

pattern := `^([+-]?)([0-9]*)(?:\.([0-9]*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,6})?$`

# What a suffix multiplies by: a power of two, or a power of ten by its exponent.
binary := {
	"Ki": 1024,
	"Mi": 1048576,
	"Gi": 1073741824,
	"Ti": 1099511627776,
	"Pi": 1125899906842624,
	"Ei": 1152921504606846976,
}

decimal := {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

# The digits as one whole number, with a binary suffix multiplied in.
multiplied(parts) := to_number(without_zeros(digits)) * object.get(binary, parts[4], 1) if {
	digits := sprintf("%s%s", [parts[2], parts[3]])
}

without_zeros(digits) := trimmed if {
	trimmed := trim_left(digits, "0")
	trimmed != ""
}

without_zeros(digits) := "0" if trim_left(digits, "0") == ""

# The power of ten that makes billionths of it. Far beyond what Kubernetes keeps, more makes no difference.
scale(parts) := max([-60, min([60, (9 + exponent(parts[4])) - count(parts[3])])])

exponent(suffix) := 0 if binary[suffix]

exponent(suffix) := decimal[suffix]

exponent(suffix) := to_number(without_zeros(digits)) * sign if {
	regex.match(`^[eE][+-]?[0-9]+$`, suffix)
	digits := trim_left(suffix, "eE+-")
	sign := {true: -1, false: 1}[contains(suffix, "-")]
}

# A whole number times a power of ten, rounded up.
rounded(number, power) := to_number(without_zeros(sprintf("%d%s", [number, zeros(power)]))) if power >= 0

rounded(number, power) := to_number(kept) + rest if {
	power < 0
	digits := sprintf("%s%d", [zeros(0 - power), number])
	at := count(digits) + power
	kept := without_zeros(substring(digits, 0, at))
	rest := {true: 0, false: 1}[trim_left(substring(digits, at, -1), "0") == ""]
}

zeros(many) := substring("000000000000000000000000000000000000000000000000000000000000", 0, many)

signed("-", number) := 0 - number

signed(sign, number) := number if sign in {"", "+"}
