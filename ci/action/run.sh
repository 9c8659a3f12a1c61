#!/usr/bin/env bash
# Runs kpolicy for a step of GitHub Actions, and tells the following steps what it found.
#
# Takes the action's inputs as one JSON object from INPUTS, and RUNNER_TEMP and GITHUB_OUTPUT as the runner sets them. An input
# that is not listed below is the setting of that name: each of its lines that is not blank is given as --name=line. Exits as
# kpolicy does.
set -euo pipefail

json=$RUNNER_TEMP/kpolicy.json
sarif=$RUNNER_TEMP/kpolicy.sarif

# The value of an input.
input() { jq -r --arg name "$1" '.[$name] // ""' <<<"$INPUTS"; }

settings=$(jq -r '
    ["paths", "working-directory", "version", "sha256", "repository", "verify-attestation", "github-token", "upload-sarif"] as $own
    | to_entries[]
    | .key as $name
    | select(any($own[]; . == $name) | not)
    | .value | split("\n")[] | select(test("[^\\s]"))
    | "--\($name)=\(.)"
' <<<"$INPUTS")
paths=$(input paths)
upload=$(input upload-sarif)

words=()
# Adds each line that is not blank. jq ends lines with CRLF on Windows.
add() {
    local line
    while IFS= read -r line; do
        line=${line%$'\r'}
        [ -z "${line//[[:space:]]/}" ] || words+=("$line")
    done <<<"$1"
}
add "$settings"
words+=("--output=json=$json")
[ "${upload%$'\r'}" != true ] || words+=("--output=sarif=$sarif")
words+=(--)
add "${paths:-.}"

# A report that an earlier step of the job wrote is not of this run.
rm -f "$json" "$sarif"
code=0
kpolicy test "${words[@]}" || code=$?

[ -s "$sarif" ] || sarif=

# How many entries of this name the report has. If there is no report, kpolicy has printed why, and the output is empty.
count() {
    [ -s "$json" ] || return 0
    jq --arg name "$1" '[.[] | .[$name] // [] | length] | add // 0' "$json" | tr -d '\r'
}
{
    echo "exit-code=$code"
    echo "failures=$(count failures)"
    echo "warnings=$(count warnings)"
    echo "waived=$(count exceptions)"
    echo "errors=$(count errors)"
    echo "json=$json"
    echo "sarif=$sarif"
} >>"$GITHUB_OUTPUT"
exit "$code"
