#!/usr/bin/env bash
# Runs kpolicy for a step of GitHub Actions, and tells the steps that follow what it found.
#
# Takes the action's inputs from the environment, each list one value a line: INPUT_PATHS, INPUT_POLICY, INPUT_LIBRARY,
# INPUT_PROFILE, INPUT_DATA, INPUT_OUTPUT, INPUT_FAIL_ON_WARN, INPUT_SARIF; and RUNNER_TEMP and GITHUB_OUTPUT as the
# runner sets them. Exits as kpolicy does.
set -euo pipefail

words=()

# Adds `--name value` for each line of a list that is not blank.
each() {
    local line
    while IFS= read -r line; do
        [ -z "${line//[[:space:]]/}" ] || words+=("--$1=$line")
    done <<<"$2"
}

json=$RUNNER_TEMP/kpolicy.json
sarif=
each policy "${INPUT_POLICY:-}"
each library "${INPUT_LIBRARY:-}"
each profile "${INPUT_PROFILE:-}"
each data "${INPUT_DATA:-}"
each output "${INPUT_OUTPUT:-auto}"
words+=("--output=json=$json")
if [ "${INPUT_SARIF:-false}" = true ]; then
    sarif=$RUNNER_TEMP/kpolicy.sarif
    words+=("--output=sarif=$sarif")
fi
[ "${INPUT_FAIL_ON_WARN:-false}" = false ] || words+=("--fail-on-warn=$INPUT_FAIL_ON_WARN")
words+=(--)
while IFS= read -r line; do
    [ -z "${line//[[:space:]]/}" ] || words+=("$line")
done <<<"${INPUT_PATHS:-.}"

# What an earlier step of the job left is no report of this one.
rm -f "$json" "$RUNNER_TEMP/kpolicy.sarif"
code=0
kpolicy test "${words[@]}" || code=$?

[ -s "$sarif" ] || sarif=

# How many entries of this name the report has. Where there is no report, kpolicy has said why, and nothing is counted.
count() {
    [ -s "$json" ] || return 0
    jq --arg name "$1" '[.[] | .[$name] // [] | length] | add // 0' "$json"
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
