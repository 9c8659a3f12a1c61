#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version: notes.sh 1.2.3.
set -euo pipefail
changes=$(dirname "$0")/../../CHANGELOG.md
notes=$(awk -v heading="## $1" '/^## /{inside = $0 == heading; next} inside' "$changes")
[ -n "${notes//[[:space:]]/}" ] || { echo "error: CHANGELOG.md says nothing under \"## $1\"" >&2; exit 1; }
printf '%s\n' "$notes"
