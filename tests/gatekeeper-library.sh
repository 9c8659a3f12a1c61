#!/usr/bin/env bash
# Runs every Suite of the Gatekeeper library with kpolicy verify, and with gator verify where there is a gator.
#
#   tests/gatekeeper-library.sh FOLDER [PATH-TO-KPOLICY]
#
# FOLDER holds the sources of github.com/open-policy-agent/gatekeeper-library. It needs jq. Each case has to pass, and no
# Suite may be missed: the cases are counted in the files too.
set -euo pipefail
sources=$(realpath "${1:?name a folder with the sources of github.com/open-policy-agent/gatekeeper-library}")
binary=$(realpath "${2:-target/debug/kpolicy}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for variable in $(compgen -e KPOLICY_ || true); do unset "$variable"; done

cd "$sources"
[ -d library ] || { echo "error: $sources has no folder library" >&2; exit 2; }
code=0
"$binary" verify library -o json >"$folder/results.json" || code=$?
suites=$(find library -name suite.yaml | wc -l)
seen=$(jq '[.[].package] | unique | length' "$folder/results.json")
written=$(find library -name suite.yaml -exec cat {} + | grep -cE '^ +(- )?object:')
cases=$(jq length "$folder/results.json")
failed=$(jq '[.[] | select(.fail or .error)] | length' "$folder/results.json")
assertions=$(find library -name suite.yaml -exec cat {} + | grep -cE '^ +- (violations|message):' || true)
echo "$seen of $suites suites, $cases of $written cases, about $assertions assertions: $failed fail"
if [ "$code" != 0 ] || [ "$failed" != 0 ] || [ "$seen" != "$suites" ] || [ "$cases" != "$written" ]; then
    "$binary" verify library || true
    exit 1
fi
if command -v gator >/dev/null; then
    gator verify ./library/... >"$folder/gator.txt" 2>&1 || { cat "$folder/gator.txt"; exit 1; }
    tail -n 1 "$folder/gator.txt"
fi
