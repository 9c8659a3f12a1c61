package main

deny contains msg if {
	msg := {{{{{{{{{{{{{{{{{"a"}}}}}}}}}}}}}}}"b": "c"}}
}
