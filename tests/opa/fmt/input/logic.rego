package samples.logic

import future.keywords.and
import future.keywords.not
import future.keywords.or

p if { input.a and input.b or not input.c
	not { input.d; input.e }
	(input.f or input.g) and
		{ input.h; input.i } # braces
}

q if input.a or input.b
