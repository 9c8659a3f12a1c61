package kpolicy.lib.signatures_test

import data.kpolicy.lib.signatures

digest := "sha256:0123"

signature := {
	"digest": digest,
	"issuer": "https://token.actions.githubusercontent.com",
	"subject": "https://github.com/shop/web/.github/workflows/release.yaml@refs/tags/v1",
	"time": "2026-01-02T03:04:05Z",
}

anybody := {"issuers": [], "subjects": [], "since": ""}

some_accepted := {
	"issuers": ["https://token.actions.githubusercontent.com"],
	"subjects": ["https://github.com/shop/*"],
	"since": "2026-01-01T00:00:00+01:00",
}

test_no_digest if {
	every list in [[signature], [{"digest": ""}]] {
		signatures.lack("", list, some_accepted) == "which has no digest: what is signed is a digest"
	}
}

test_no_signature if {
	every list in [[], [null], [{}], [object.union(signature, {"digest": "sha256:4567"})]] {
		signatures.lack(digest, list, anybody) == "whose digest is not in the list of signatures"
	}
}

test_a_signature_is_enough_where_nothing_more_is_asked if {
	not signatures.lack(digest, [{"digest": digest}], anybody)
	not signatures.lack(digest, [signature], some_accepted)
}

test_one_good_signature_is_enough if {
	not signatures.lack(digest, [object.union(signature, {"issuer": "x"}), signature], some_accepted)
}

test_the_issuer if {
	found := signatures.lack(digest, [object.union(signature, {"issuer": "https://evil.io"})], some_accepted)
	found == "whose signature is by issuer https://evil.io, which is not accepted"
}

test_the_subject if {
	found := signatures.lack(digest, [json.remove(signature, ["subject"])], some_accepted)
	found == "whose signature is by subject (none given), which is not accepted"
}

test_the_age if {
	every moment in ["2025-12-31T22:59:59Z", "2025-12-31T23:59:59.9+01:00"] {
		found := signatures.lack(digest, [object.union(signature, {"time": moment})], some_accepted)
		found == sprintf("whose signature is of %s, and not since 2026-01-01T00:00:00+01:00", [moment])
	}
	not signatures.lack(digest, [object.union(signature, {"time": "2025-12-31T23:00:00Z"})], some_accepted)
}

test_a_time_that_is_none_is_not_recent if {
	every moment in ["", "yesterday", "2026-13-01T00:00:00Z", 1767225600, null] {
		signatures.lack(digest, [object.union(signature, {"time": moment})], some_accepted)
	}
}

test_several_flaws if {
	found := signatures.lack(digest, [{"digest": digest, "issuer": "a", "subject": "b", "time": "c"}, {"digest": digest}], some_accepted)
	found == concat("; another is ", [
		"whose signature is by issuer (none given), which is not accepted and by subject (none given), which is not accepted and of (none given), and not since 2026-01-01T00:00:00+01:00",
		"by issuer a, which is not accepted and by subject b, which is not accepted and of c, and not since 2026-01-01T00:00:00+01:00",
	])
}
