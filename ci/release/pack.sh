#!/usr/bin/env bash
# Packs a built binary: pack.sh BINARY TARGET FOLDER writes FOLDER/kpolicy-TARGET.tar.gz, with the program, its
# completions and manual pages and the licence, and beside it the archive's checksum.
set -euo pipefail

binary=$1 target=$2 folder=$3
source=$(cd "$(dirname "$0")/../.." && pwd)
content=$(mktemp -d)
trap 'rm -rf "$content"' EXIT

mkdir -p "$content/completions" "$content/man" "$folder"
cp "$binary" "$source/LICENSE" "$source/README.md" "$source/CHANGELOG.md" "$content/"
"$binary" man "$content/man" >/dev/null
for shell in bash zsh fish powershell elvish; do
    "$binary" completions "$shell" >"$content/completions/kpolicy.$shell"
done

folder=$(cd "$folder" && pwd)
archive=kpolicy-$target.tar.gz
(cd "$content" && tar -czf "$folder/$archive" -- *)
cd "$folder"
if command -v sha256sum >/dev/null; then sha256sum "$archive"; else shasum -a 256 "$archive"; fi >"$archive.sha256"
