# METADATA
# title: Signatures of images
# description: What is missing of the evidence that an image is signed, by a list of signatures that were verified.
package kpolicy.lib.signatures

import data.kpolicy.lib.shape

# What a digest lacks, in words; undefined where one signature of it has no flaw.
lack("", _, _) := "which has no digest: what is signed is a digest"

lack(digest, signatures, _) := "whose digest is not in the list of signatures" if {
	digest != ""
	of_digest(signatures, digest) == []
}

lack(digest, signatures, accepted) := sprintf("whose signature is %s", [concat("; another is ", texts)]) if {
	digest != ""
	candidates := [concat(" and ", sort(flaws(signature, accepted))) | some signature in of_digest(signatures, digest)]
	candidates != []
	not "" in candidates
	texts := sort({text | some text in candidates})
}

of_digest(signatures, digest) := [signature | some signature in signatures; signature.digest == digest]

# What is wrong with a signature, each as words that go on from "is".
flaws(signature, accepted) := {flaw |
	some flaw in [by_issuer(signature, accepted), by_subject(signature, accepted), age(signature, accepted)]
	flaw != ""
}

by_issuer(signature, accepted) := flaw_of(accepted.issuers, shape.text_at(signature, ["issuer"]), "issuer")

by_subject(signature, accepted) := flaw_of(accepted.subjects, shape.text_at(signature, ["subject"]), "subject")

flaw_of([], _, _) := ""

flaw_of(patterns, value, _) := "" if shape.matches_any(patterns, value)

flaw_of(patterns, value, word) := sprintf("by %s %s, which is not accepted", [word, shown(value)]) if {
	patterns != []
	not shape.matches_any(patterns, value)
}

shown(value) := value if value != ""

shown("") := "(none given)"

age(_, accepted) := "" if accepted.since == ""

age(signature, accepted) := "" if is_recent(signature, accepted)

age(signature, accepted) := sprintf("of %s, and not since %s", [shown(signed_at), accepted.since]) if {
	accepted.since != ""
	not is_recent(signature, accepted)
	signed_at := shape.text_at(signature, ["time"])
}

is_recent(signature, accepted) if {
	signed_at := shape.text_at(signature, ["time"])
	regex.match(rfc3339, signed_at)
	regex.match(rfc3339, accepted.since)
	time.parse_rfc3339_ns(signed_at) >= time.parse_rfc3339_ns(accepted.since)
}

rfc3339 := `^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`
