//! The registry of lints: a row for each, with its function and the text of its page.

use super::super::{exceptions, undefined};
use super::{Level, Lint, conditions, functions, ignored, loops, metadata, names, negation};

/// The lint of a name.
pub fn lint(id: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.id == id)
}

/// All lints, by their names.
pub const LINTS: &[Lint] = &[
    Lint {
        id: "annotation-without-metadata",
        regal: &["annotation-without-metadata"],
        level: Level::Warning,
        of_run: false,
        title: "A comment reads like METADATA and is not marked as such",
        page: "OPA and kpolicy read the comments below a line `# METADATA` only. Without it a title, a severity or a \
               scope is an ordinary comment.",
        bad: "package main

# title: No latest tag
deny contains \"latest\" if endswith(input.image, \":latest\")
",
        good: "package main

# METADATA
# title: No latest tag
deny contains \"latest\" if endswith(input.image, \":latest\")
",
        check: metadata::unmarked,
    },
    Lint {
        id: "argument-always-wildcard",
        regal: &["argument-always-wildcard"],
        level: Level::Warning,
        of_run: false,
        title: "Every clause of a function ignores an argument",
        page: "The callers give a value that nothing reads: an argument was forgotten in a body, or is left over. \
               Functions whose names start with `mock_` are passed over, since a function that stands in for another in \
               a test takes the same arguments.",
        bad: "package main

deny contains \"name\" if bad_name(input.name, input.kind)

bad_name(name, _) if contains(name, \"_\")
",
        good: "package main

deny contains \"name\" if bad_name(input.name)

bad_name(name) if contains(name, \"_\")
",
        check: functions::always_wildcard,
    },
    Lint {
        id: "constant-condition",
        regal: &["constant-condition"],
        level: Level::Warning,
        of_run: false,
        title: "A statement of constants always holds",
        page: "A constant other than `false`, or a comparison of two constants that are alike, decides nothing. It is \
               often a left-over, or `input.` is missing.",
        bad: "package main

deny contains \"pod\" if {
	input.kind == \"Pod\"
	\"metadata.name\"
}
",
        good: "package main

deny contains \"pod\" if {
	input.kind == \"Pod\"
	input.metadata.name
}
",
        check: conditions::always,
    },
    Lint {
        id: "deprecated-builtin",
        regal: &["deprecated-builtin"],
        level: Level::Warning,
        of_run: false,
        title: "A call of a builtin that Rego v1 refuses",
        page: "`any`, `all`, `re_match`, `set_diff`, `net.cidr_overlap` and the builtins `cast_…` are errors in Rego \
               v1. In Rego v0 they work, and are in the way when the policy is migrated.",
        bad: "package main

deny[\"name\"] { re_match(\"_\", input.name) }
",
        good: "package main

deny contains \"name\" if regex.match(\"_\", input.name)
",
        check: functions::deprecated,
    },
    Lint {
        id: "duplicate-rule",
        regal: &["duplicate-rule"],
        level: Level::Warning,
        of_run: false,
        title: "A clause stands in its file twice",
        page: "A second clause with the same text changes nothing. Often it was copied to be changed, and the change is \
               missing.",
        bad: "package main

deny contains \"privileged\" if input.privileged

deny contains \"privileged\" if input.privileged
",
        good: "package main

deny contains \"privileged\" if input.privileged

deny contains \"host network\" if input.hostNetwork
",
        check: conditions::duplicate,
    },
    Lint {
        id: "if-object-literal",
        regal: &["if-object-literal", "if-empty-object"],
        level: Level::Error,
        of_run: false,
        title: "An object stands where a body was meant",
        page: "Braces after `if` are an object if they are empty or hold `key: value`. The object holds if its values \
               are defined, whatever they are; `if {}` always holds.",
        bad: "package main

deny contains \"pod\" if {\"kind\": input.kind}
",
        good: "package main

deny contains \"pod\" if {input.kind == \"Pod\"}
",
        check: conditions::object_as_body,
    },
    Lint {
        id: "import-shadows-rule",
        regal: &["import-shadows-rule"],
        level: Level::Warning,
        of_run: false,
        title: "A rule has the name of an import",
        page: "In the file the name means the import. The rule is read by its full path only, which is rarely meant.",
        bad: "package main

import input.images

images := {image.name | some image in input.all}

deny contains \"old\" if \"old\" in images
",
        good: "package main

import input.images

names := {image.name | some image in images}

deny contains \"old\" if \"old\" in names
",
        check: names::import_shadows_rule,
    },
    Lint {
        id: "impossible-not",
        regal: &["impossible-not"],
        level: Level::Error,
        of_run: false,
        title: "A negation of a set, which is always defined",
        page: "`not` holds where a value is undefined or `false`. A set of a rule is at least empty, and so always \
               defined. Compare it with `set()`, or look for a member.",
        bad: "package main

owners contains owner if some owner in input.owners

deny contains \"no owner\" if not owners
",
        good: "package main

owners contains owner if some owner in input.owners

deny contains \"no owner\" if owners == set()
",
        check: negation::impossible,
    },
    Lint {
        id: "inconsistent-args",
        regal: &["inconsistent-args"],
        level: Level::Warning,
        of_run: false,
        title: "An argument has another name in another clause",
        page: "The clauses of a function take the same arguments in the same order. Different names at one position are \
               confusing at best, and at worst two arguments were swapped.",
        bad: "package main

deny contains \"old\" if older(input.a, input.b)

older(a, b) if a.major < b.major

older(b, a) if {
	a.major == b.major
	a.minor < b.minor
}
",
        good: "package main

deny contains \"old\" if older(input.a, input.b)

older(a, b) if a.major < b.major

older(a, b) if {
	a.major == b.major
	a.minor < b.minor
}
",
        check: functions::inconsistent,
    },
    Lint {
        id: "invalid-metadata-attribute",
        regal: &["invalid-metadata-attribute"],
        level: Level::Warning,
        of_run: false,
        title: "METADATA has a field that nothing reads",
        page: "The fields are authors, compile, custom, description, entrypoint, labels, organizations, \
               related_resources, schemas, scope and title. Fields of your own, and kpolicy's `severity` and \
               `remediation`, stand under `custom`.",
        bad: "package main

# METADATA
# title: No latest tag
# severity: high
deny contains \"latest\" if endswith(input.image, \":latest\")
",
        good: "package main

# METADATA
# title: No latest tag
# custom:
#   severity: high
deny contains \"latest\" if endswith(input.image, \":latest\")
",
        check: metadata::unknown_field,
    },
    Lint {
        id: "misspelled-rule",
        regal: &[],
        level: Level::Error,
        of_run: false,
        title: "A name is almost that of a rule that kpolicy evaluates",
        page: "`dney` is a valid name, but no command evaluates it. The names are `deny`, `violation` and `warn`, also \
               with a suffix such as `deny_root`. Helper sets whose name starts with one of these words (`denyable`) are \
               found as well: rename them.",
        bad: "package main

dney contains \"x\" if input.kind == \"Pod\"
",
        good: "package main

deny contains \"x\" if input.kind == \"Pod\"
",
        check: names::misspelled,
    },
    Lint {
        id: "negated-undefined",
        regal: &[],
        level: Level::Warning,
        of_run: false,
        title: "A negation fails if an operand is missing",
        page: "OPA evaluates the operands of a call before the negation, and an undefined operand makes the whole \
               statement undefined: if `input.spec.image` is missing, the rule below reports nothing. Say what a missing \
               value means. Nothing is found if an earlier statement of the body already needs the value, or if a \
               clause beside it is for the missing value or for the opposite case.",
        bad: "package main

deny contains \"not our registry\" if {
	not startswith(input.spec.image, \"registry.example.com/\")
}
",
        good: "package main

deny contains \"no image\" if not input.spec.image

deny contains \"not our registry\" if {
	not startswith(input.spec.image, \"registry.example.com/\")
}
",
        check: negation::undefined,
    },
    Lint {
        id: "never-holds",
        regal: &["constant-condition"],
        level: Level::Error,
        of_run: false,
        title: "A statement of constants is always false",
        page: "The clause never applies, and a rule of such clauses never reports. Remove the statement, or the clause.",
        bad: "package main

deny contains \"no owner\" if {
	input.kind == \"Deployment\"
	1 == 2
}
",
        good: "package main

deny contains \"no owner\" if {
	input.kind == \"Deployment\"
	not input.owner
}
",
        check: conditions::never,
    },
    Lint {
        id: "not-equals-in-loop",
        regal: &["not-equals-in-loop"],
        level: Level::Warning,
        of_run: false,
        title: "`!=` with an item of a collection holds if any item differs",
        page: "`input.groups[_] != \"admin\"` holds as soon as one group is another one. Most often it is meant that no \
               group is `admin`.",
        bad: "package main

deny contains \"not an admin\" if input.groups[_] != \"admin\"
",
        good: "package main

deny contains \"not an admin\" if {
	input.groups
	not \"admin\" in input.groups
}
",
        check: loops::not_equals,
    },
    Lint {
        id: "redundant-loop-count",
        regal: &["redundant-loop-count"],
        level: Level::Warning,
        of_run: false,
        title: "A count before a loop over the same collection",
        page: "`some … in` has no turn in an empty collection, so that a test for its size before it changes nothing.",
        bad: "package main

deny contains name if {
	count(input.containers) > 0
	some container in input.containers
	name := container.name
}
",
        good: "package main

deny contains name if {
	some container in input.containers
	name := container.name
}
",
        check: loops::redundant_count,
    },
    Lint {
        id: "rule-assigns-default",
        regal: &["rule-assigns-default"],
        level: Level::Warning,
        of_run: false,
        title: "A clause has the value of the default",
        page: "The rule has this value without the clause too: the value is wrong, or the clause is not needed.",
        bad: "package main

default allowed := false

allowed := false if input.kind == \"Pod\"

deny contains \"x\" if not allowed
",
        good: "package main

default allowed := false

allowed := true if input.kind == \"Pod\"

deny contains \"x\" if not allowed
",
        check: conditions::assigns_default,
    },
    Lint {
        id: "rule-shadows-builtin",
        regal: &["rule-shadows-builtin"],
        level: Level::Warning,
        of_run: false,
        title: "A rule has the name of a builtin",
        page: "In the package of the rule the name means the rule: the builtin, or all builtins that start with this \
               name, can no longer be called.",
        bad: "package main

time := input.time

deny contains \"x\" if time == 0
",
        good: "package main

time_of_day := input.time

deny contains \"x\" if time_of_day == 0
",
        check: names::rule_shadows_builtin,
    },
    Lint {
        id: "sprintf-arguments-mismatch",
        regal: &["sprintf-arguments-mismatch"],
        level: Level::Error,
        of_run: false,
        title: "A format has more or fewer verbs than values",
        page: "The text has `%!s(MISSING)` for a verb without a value, and `%!(EXTRA …)` for a value without a verb.",
        bad: "package main

deny contains sprintf(\"%s runs %s\", [input.name]) if input.image
",
        good: "package main

deny contains sprintf(\"%s runs %s\", [input.name, input.image]) if input.image
",
        check: functions::sprintf,
    },
    Lint {
        id: "tests-nothing",
        regal: &[],
        level: Level::Error,
        of_run: false,
        title: "A clause that reports does not depend on the input",
        page: "Nothing in the clause depends on `input` or on `data`, so that it reports the same for every document, or \
               never. Test a part of `input`.",
        bad: "package main

deny contains \"stop\" if {
	x := 1
	x < 2
}
",
        good: "package main

deny contains \"stop\" if {
	x := input.replicas
	x < 2
}
",
        check: conditions::untested,
    },
    Lint {
        id: "time-now-ns-twice",
        regal: &["time-now-ns-twice"],
        level: Level::Warning,
        of_run: false,
        title: "The time is asked for twice in a rule",
        page: "`time.now_ns` gives the same value at each call of one evaluation, so that a difference of two is always \
               0.",
        bad: "package main

warn contains msg if {
	start := time.now_ns()
	input.kind
	msg := sprintf(\"%d ns\", [time.now_ns() - start])
}
",
        good: "package main

warn contains msg if {
	input.kind
	msg := sprintf(\"seen at %d\", [time.now_ns()])
}
",
        check: functions::time_twice,
    },
    Lint {
        id: "top-level-iteration",
        regal: &["top-level-iteration"],
        level: Level::Error,
        of_run: false,
        title: "The value of a rule is any item of a collection",
        page: "The rule has a value for each item. If two of them differ, evaluation stops with a conflict. Collect them \
               in a set.",
        bad: "package main

user := input.users[_]

deny contains \"root\" if user == \"root\"
",
        good: "package main

users contains user if some user in input.users

deny contains \"root\" if \"root\" in users
",
        check: loops::top_level,
    },
    Lint {
        id: "unassigned-return-value",
        regal: &["unassigned-return-value"],
        level: Level::Warning,
        of_run: false,
        title: "Nothing reads the value of a call",
        page: "A statement that is a call holds unless the value is `false`: a text, a number or an empty set holds too. \
               Compare the value, or assign it.",
        bad: "package main

deny contains \"x\" if indexof(input.name, \"x\")
",
        good: "package main

deny contains \"x\" if indexof(input.name, \"x\") >= 0
",
        check: functions::unassigned,
    },
    Lint {
        id: "undefined-data",
        regal: &["unresolved-reference", "unresolved-import"],
        level: Level::Warning,
        of_run: true,
        title: "A reference to data that nothing provides",
        page: "If no file of `--data` and no rule provides `data.regions`, the reference is undefined, and so is every \
               statement with it, negated ones included. Provide the data, give the rule that reads it a `default`, or \
               list the name in `allow-undefined-data` if it may be missing. Parameters that the METADATA of a package \
               declares are provided.",
        bad: "package main

deny contains \"unknown region\" if not input.region in data.regions
",
        good: "package main

deny contains \"unknown region\" if {
	input.region
	not input.region in regions
}

default regions := []

regions := data.regions
",
        check: undefined::undefined,
    },
    Lint {
        id: exceptions::UNKNOWN,
        regal: &[],
        level: Level::Warning,
        of_run: true,
        title: "An exception names a rule that does not exist",
        page: "It waives nothing. The names are those of rules without their prefix: `run_as_root` for \
               `deny_run_as_root`, and `\"\"` for a plain `deny`.",
        bad: "package main

deny_run_as_root contains \"root\" if input.user == \"root\"

exception contains [\"run_as_rot\"] if input.name == \"trusted\"
",
        good: "package main

deny_run_as_root contains \"root\" if input.user == \"root\"

exception contains [\"run_as_root\"] if input.name == \"trusted\"
",
        check: exceptions::unknown,
    },
    Lint {
        id: "unknown-lint",
        regal: &[],
        level: Level::Warning,
        of_run: false,
        title: "A comment ignores a lint that does not exist",
        page: "A comment `# kpolicy: ignore[…]` names something that is no lint: it ignores nothing.",
        bad: "package main

# kpolicy: ignore[duplicate-rules]
deny contains \"x\" if input.x
",
        good: "package main

deny contains \"x\" if input.x
",
        check: ignored::unknown,
    },
    Lint {
        id: "unused-output-variable",
        regal: &["unused-output-variable"],
        level: Level::Warning,
        of_run: false,
        title: "A reference gives a variable a value that nothing reads",
        page: "A variable that stands once, in the brackets of a reference, matches any key. Write `_` if that is meant: \
               a name makes readers look for its other use, which may have been forgotten.",
        bad: "package main

deny contains \"privileged\" if input.containers[container].privileged
",
        good: "package main

deny contains \"privileged\" if input.containers[_].privileged
",
        check: loops::unused_output,
    },
    Lint {
        id: "var-shadows-builtin",
        regal: &["var-shadows-builtin"],
        level: Level::Warning,
        of_run: false,
        title: "A variable has the name of a builtin",
        page: "In the rule the name means the variable: the builtin, or all builtins that start with this name, can no \
               longer be called.",
        bad: "package main

deny contains \"x\" if {
	http := input.http
	http.port == 80
}
",
        good: "package main

deny contains \"x\" if {
	listener := input.http
	listener.port == 80
}
",
        check: names::variable_shadows_builtin,
    },
    Lint {
        id: "zero-arity-function",
        regal: &["zero-arity-function"],
        level: Level::Warning,
        of_run: false,
        title: "A function without arguments",
        page: "OPA takes it for a rule, which is read without parentheses; a call with them is an error.",
        bad: "package main

deny contains \"x\" if first == 1

first() := input.items[0]
",
        good: "package main

deny contains \"x\" if first == 1

first := input.items[0]
",
        check: functions::without_arguments,
    },
];
