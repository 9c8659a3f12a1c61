#!/usr/bin/env bash
# Runs conftest and kpolicy over each of conftest's own examples, and compares the findings.
#
#   tests/conftest-examples.sh FOLDER [PATH-TO-KPOLICY]
#
# FOLDER holds conftest's sources. It needs conftest and jq. An example that either cannot evaluate is listed with the
# first line of its error; only findings that differ are a failure.
set -euo pipefail
sources=$(realpath "${1:?name a folder with the sources of github.com/open-policy-agent/conftest}")
binary=$(realpath "${2:-target/debug/kpolicy}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for variable in $(compgen -e KPOLICY_ || true) $(compgen -e CONFTEST_ || true); do unset "$variable"; done

# The findings of a report: the file, the severity and the message of each, sorted.
findings() {
    jq -c '[.[] | .filename as $file | ((.failures // [])[] | [$file, "deny", .msg]), ((.warnings // [])[] | [$file, "warn", .msg])]
        | unique[]' "$1"
}

# Formats that kpolicy does not evaluate, or not in full.
known='./cue/deployment.cue'
same=0
different=0
unread=0
cd "$sources/examples"
while IFS= read -r policy; do
    example=$(dirname "$policy")
    mapfile -t files < <(find "$example" -type f ! -name '*.rego' ! -name '*.md' ! -path '*/policy/*' ! -name '*.proto' | sort)
    for file in "${files[@]}"; do
        arguments=(test --all-namespaces --no-fail --policy "$policy" -o json "$file")
        [ -d "$example/data" ] && arguments+=(--data "$example/data")
        conftest "${arguments[@]}" >"$folder/theirs" 2>"$folder/their-error" || true
        "$binary" "${arguments[@]:0:1}" --compat conftest "${arguments[@]:1}" >"$folder/ours" 2>"$folder/our-error" || true
        if ! findings "$folder/theirs" >"$folder/a" 2>/dev/null || [ ! -s "$folder/theirs" ]; then
            printf 'not read by conftest: %s: %s\n' "$file" "$(head -n 1 "$folder/their-error" | cut -c 1-150)"
            unread=$((unread + 1))
        elif ! findings "$folder/ours" >"$folder/b" 2>/dev/null || [ ! -s "$folder/ours" ]; then
            printf 'not read by kpolicy: %s: %s\n' "$file" "$(head -n 1 "$folder/our-error" | cut -c 1-150)"
            different=$((different + 1))
        elif cmp -s "$folder/a" "$folder/b"; then
            same=$((same + 1))
        elif [[ " $known " = *" $file "* ]]; then
            printf 'known to differ: %s\n' "$file"
        else
            printf 'different: %s\n%s\n' "$file" "$(diff "$folder/a" "$folder/b")"
            different=$((different + 1))
        fi
    done
done < <(find . -type d -name policy | sort)
echo "$same files have the same findings, $different differ, $unread are not read by conftest"
[ "$different" = 0 ]
