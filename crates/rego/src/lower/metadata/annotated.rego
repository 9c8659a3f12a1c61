# METADATA
# scope: subpackages
# organizations: [Acme]
# METADATA
# title: The package
package a.b

# METADATA
# scope: document
# description: All clauses
# METADATA
# title: Far
# METADATA
# title: A rule
# related_resources:
# - https://example.org/x
# - ref: https://example.org/y
#   description: More
# authors:
# - Jane Doe <jane@example.org>
# - name: Joe
# schemas:
# - input: schema["x"]
# - data.a: {type: object}
# custom:
#   n: 1
#   list: [a]
r := rego.metadata.chain()

c contains x if {
	some x in rego.metadata.chain()
}

chain := rego.metadata.chain()

e if {
	false
} else := rego.metadata.chain()


# METADATA
# title: Numbered
n[1].x := rego.metadata.chain()


u := [y | y := rego.metadata.chain()[_].path]
w := 1 if rego.metadata.rule()
