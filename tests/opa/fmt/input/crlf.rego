package samples.crlf

x  :=  1 # one
p if {
	x == 1


	x == `a
b`
}
