# METADATA
# title: Label selectors
# description: |
#   Whether a selector of the API's type LabelSelector selects labels. An empty selector selects everything; what is no
#   selector (missing, null, of a wrong type, with an operator that Kubernetes does not know) selects nothing.
package kpolicy.lib.selectors

import data.kpolicy.lib.shape

# Whether a selector selects an object with these labels.
matches(selector, labels) if {
	is_well_formed(selector)
	every key, value in shape.table_at(selector, ["matchLabels"]) {
		labels[key] == value
	}
	every requirement in shape.list_at(selector, ["matchExpressions"]) {
		meets(requirement, labels)
	}
}

# Whether a selector selects everything: it asks for nothing.
selects_all(selector) if {
	is_well_formed(selector)
	shape.table_at(selector, ["matchLabels"]) == {}
	shape.list_at(selector, ["matchExpressions"]) == []
}

# The namespaces that a selector of namespaces names one by one, by the label that each has of itself.
named(selector) := names if {
	by_label := {name |
		some name in [shape.text_at(selector, ["matchLabels", name_label])]
		name != ""
	}
	by_expression := {name |
		some requirement in shape.list_at(selector, ["matchExpressions"])
		requirement.key == name_label
		requirement.operator == "In"
		some name in requirement.values
	}
	names := by_label | by_expression
}

# The label that Kubernetes gives each namespace.
name_label := "kubernetes.io/metadata.name"

is_well_formed(selector) if {
	is_object(selector)
	type_name(shape.at(selector, ["matchLabels"])) in {"null", "object"}
	type_name(shape.at(selector, ["matchExpressions"])) in {"null", "array"}
}

meets(requirement, labels) if {
	requirement.operator == "In"
	has_one_of(labels, requirement)
}

meets(requirement, labels) if {
	requirement.operator == "NotIn"
	is_array(requirement.values)
	not has_one_of(labels, requirement)
}

meets(requirement, labels) if {
	requirement.operator == "Exists"
	requirement.key in object.keys(labels)
}

meets(requirement, labels) if {
	requirement.operator == "DoesNotExist"
	not requirement.key in object.keys(labels)
}

has_one_of(labels, requirement) if labels[requirement.key] in requirement.values
