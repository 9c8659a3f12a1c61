#!/usr/bin/env bash
# Runs conftest's own acceptance suite, and its cases of `doc`, with kpolicy under conftest's name, and compares what
# fails with the list in acceptance-failing.txt: a case that fails and is not listed is an error, and so is a listed case
# that passes.
#
#   tests/acceptance.sh FOLDER [PATH-TO-KPOLICY]
#
# FOLDER holds conftest's sources: a checkout, or "$(go mod download -json github.com/open-policy-agent/conftest@v0.71.1 | jq -r .Dir)".
# It needs bats.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sources=${1:?name a folder with the sources of github.com/open-policy-agent/conftest}
binary=$(realpath "${2:-target/debug/kpolicy}")
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cp -R "$sources/." "$folder"
# Go's module cache is read-only.
chmod -R u+w "$folder"
# These variables change the default output, and settings can come from the environment.
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY TF_BUILD
for variable in $(compgen -e KPOLICY_ || true); do unset "$variable"; done
cp "$binary" "$folder/conftest"

# bats fails where a case fails; what counts is which.
(cd "$folder" && bats --tap acceptance.bats) >"$folder/results.tap" || true
# The cases of `doc` are apart, and run in their own folder.
(cd "$folder/tests/document" && CONFTEST="$folder/conftest" bats --tap test.bats) >>"$folder/results.tap" || true
cases=$(sed -n 's/^1\.\.//p' "$folder/results.tap" | awk '{sum += $0} END {print sum + 0}')
results=$(grep -cE '^(not )?ok ' "$folder/results.tap" || true)
if [ "${cases:-0}" = 0 ] || [ "$cases" != "$results" ]; then
    cat "$folder/results.tap"
    echo "error: bats ran $results of ${cases:-0} cases" >&2
    exit 2
fi
sed -nE 's/^not ok [0-9]+ //p' "$folder/results.tap" | sort >"$folder/failed"
sed -nE 's/^ok [0-9]+ //p' "$folder/results.tap" | sort >"$folder/passed"
sed -nE 's/^[?]? *([^#? ].*)$/\1/p' "$here/acceptance-failing.txt" | sort >"$folder/listed"
sed -nE 's/^([^#? ].*)$/\1/p' "$here/acceptance-failing.txt" | sort >"$folder/certain"

broken=$(comm -23 "$folder/failed" "$folder/listed")
mended=$(comm -12 "$folder/passed" "$folder/certain")
gone=$(sort "$folder/failed" "$folder/passed" | comm -13 - "$folder/listed")
echo "$(wc -l <"$folder/passed") of $cases cases pass; $(wc -l <"$folder/failed") fail"
code=0
say() {
    [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2" >&2; code=1; }
}
say 'error: these fail and are not in tests/acceptance-failing.txt' "$broken"
say 'error: these pass now: remove them from tests/acceptance-failing.txt' "$mended"
say 'error: the suite has no such cases: remove them from tests/acceptance-failing.txt' "$gone"
if [ -n "$broken" ]; then
    # What bats printed for each: the lines after its result that start with #.
    while IFS= read -r name; do
        awk -v name="$name" '/^(not )?ok /{show = index($0, "not ok ") == 1 && substr($0, length($0) - length(name) + 1) == name} show' \
            "$folder/results.tap" >&2
    done <<<"$broken"
fi
exit "$code"
