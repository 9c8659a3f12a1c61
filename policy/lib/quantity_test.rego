package kpolicy.lib.quantity_test

import data.kpolicy.lib.quantity

unit := 1000000000

test_amounts if {
	every value, amount in {
		"1": unit,
		"1.5": 1500000000,
		"1500m": 1500000000,
		"+1500m": 1500000000,
		"-1": -1000000000,
		".5": 500000000,
		"5.": 5000000000,
		"007": 7000000000,
		"1e3": 1000 * unit,
		"1E3": 1000 * unit,
		"1.5e-3": 1500000,
		"1e+2": 100 * unit,
		"100u": 100000,
		"1n": 1,
		"1k": 1000 * unit,
		"1M": 1000000 * unit,
		"0.5Ki": 512 * unit,
		"1Gi": 1073741824 * unit,
		"1.1Ki": 1126400000000,
		"0": 0,
		"0.0": 0,
		"0e9": 0,
		"-0Gi": 0,
	} {
		quantity.billionths(value) == amount
	}
}

test_great_amounts_are_exact if {
	sprintf("%d", [quantity.billionths("1E")]) == "1000000000000000000000000000"
	sprintf("%d", [quantity.billionths("7Ei")]) == "8070450532247928832000000000"
	quantity.billionths("9007199254740993") - quantity.billionths("9007199254740992") == unit
}

test_what_is_finer_is_rounded_up if {
	quantity.billionths("0.1n") == 1
	quantity.billionths("1.0000000001") == 1000000001
	quantity.billionths("1e-30") == 1
	quantity.billionths("1.0000000000000") == unit
}

test_numbers_are_quantities if {
	quantity.billionths(1) == unit
	quantity.billionths(0.5) == 500000000
	quantity.billionths(1e3) == 1000 * unit
}

test_exponents_beyond_all_bounds_end if {
	quantity.billionths("1e999999") > quantity.billionths("1000E")
	quantity.billionths("1e-999999") == 1
}

test_what_is_no_quantity if {
	every value in ["", ".", "1 Gi", "1GB", "1gi", "1K", "1e", "1ki", "Gi", "0x10", "1_000", "1.2.3", "one", null, true, [], {}] {
		not quantity.is_valid(value)
		not quantity.billionths(value)
		not quantity.is_positive(value)
	}
}

test_zero_is_not_positive if {
	quantity.is_positive("1n")
	every value in [0, "0m", "0Gi", "-1"] {
		not quantity.is_positive(value)
	}
}
