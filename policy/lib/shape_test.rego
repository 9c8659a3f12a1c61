package kpolicy.lib.shape_test

import data.kpolicy.lib.shape

holder := {"spec": {"list": [1], "table": {"a": 1}, "text": "x", "none": null}}

test_values_of_the_type_are_given if {
	shape.list_at(holder, ["spec", "list"]) == [1]
	shape.table_at(holder, ["spec", "table"]) == {"a": 1}
	shape.text_at(holder, ["spec", "text"]) == "x"
}

test_other_values_are_empty if {
	every path in [["spec", "none"], ["spec", "missing"], ["spec", "text", "deeper"], ["other", "spec"]] {
		shape.list_at(holder, path) == []
		shape.table_at(holder, path) == {}
		shape.text_at(holder, path) == ""
	}
}

test_globs_cross_every_separator if {
	shape.matches_any(["ci", "serviceaccount:*:deployer"], "serviceaccount:ci.blue:deployer")
	shape.matches_any(["4*"], 42)
	not shape.matches_any(["shop-*"], "shop")
	not shape.matches_any([], "shop")
}

test_what_is_in_no_object_is_empty if {
	every odd in [null, 3, "x", true] {
		shape.list_at(odd, ["spec"]) == []
		shape.table_at(odd, ["spec"]) == {}
		shape.text_at(odd, ["spec"]) == ""
	}
}
