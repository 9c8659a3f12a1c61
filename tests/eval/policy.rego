package p

allow if input.name == "n"

roles contains "r"

next(x) := x + 1

deny contains msg if {
	some item in input.list
	msg := sprintf("%s is listed", [item])
}
