#!/usr/bin/env bash
# Installs a released kpolicy for a step of GitHub Actions: downloads the archive for this runner, verifies its
# checksum, and puts the program on the PATH of the steps that follow.
#
# Takes from the environment:
#   INSTALL_KPOLICY_FROM  address of the repository's releases
#   INSTALL_KPOLICY_VERSION   1.2.3, v1.2.3, or latest
#   INSTALL_KPOLICY_SHA256    the archive's checksum, where the workflow pins it; otherwise the one released beside it counts
#   RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP, GITHUB_PATH  as the runner sets them
set -euo pipefail

fail() {
    echo "::error title=kpolicy::$1"
    exit 2
}

target() {
    case "$RUNNER_OS-$RUNNER_ARCH" in
        Linux-X64) echo x86_64-unknown-linux-musl ;;
        Linux-ARM64) echo aarch64-unknown-linux-musl ;;
        macOS-X64) echo x86_64-apple-darwin ;;
        macOS-ARM64) echo aarch64-apple-darwin ;;
        Windows-X64) echo x86_64-pc-windows-msvc ;;
        *) fail "no kpolicy is released for $RUNNER_OS on $RUNNER_ARCH" ;;
    esac
}

download() {
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" ||
        fail "cannot download $1: check the version"
}

checksum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

version=${INSTALL_KPOLICY_VERSION#v}
case $version in
    latest) from=$INSTALL_KPOLICY_FROM/latest/download ;;
    [0-9]*) from=$INSTALL_KPOLICY_FROM/download/v$version ;;
    *) fail "$INSTALL_KPOLICY_VERSION is no version: say 1.2.3, v1.2.3 or latest" ;;
esac

target=$(target) || { echo "$target"; exit 2; }
archive=kpolicy-$target.tar.gz
folder=$RUNNER_TEMP/kpolicy
mkdir -p "$folder"
download "$from/$archive" "$folder/$archive"

wanted=${INSTALL_KPOLICY_SHA256:-}
if [ -z "$wanted" ]; then
    download "$from/$archive.sha256" "$folder/$archive.sha256"
    wanted=$(cut -d ' ' -f 1 "$folder/$archive.sha256")
fi
found=$(checksum "$folder/$archive")
[ "$found" = "$wanted" ] || fail "the checksum of $archive is $found, not $wanted: it was not installed"

tar -xzf "$folder/$archive" -C "$folder"
"$folder/kpolicy" --version
echo "$folder" >>"$GITHUB_PATH"
