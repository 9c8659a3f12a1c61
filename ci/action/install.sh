#!/usr/bin/env bash
# Installs a released kpolicy for a step of GitHub Actions: downloads the archive for this runner, verifies its checksum and its
# attestation, and puts the program on the PATH of the following steps.
#
# Takes from the environment:
#   INSTALL_VERSION     1.2.3, v1.2.3, or latest
#   INSTALL_REPOSITORY  OWNER/NAME of the repository whose releases are installed; ACTION_REPOSITORY if it is empty
#   INSTALL_SHA256      the archive's checksum, if the workflow pins it; otherwise the released one counts
#   INSTALL_VERIFY      false to skip the attestation: then INSTALL_SHA256 must be given
#   GH_TOKEN            the token with which gh reads the attestation
#   GITHUB_SERVER_URL, RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP, GITHUB_PATH  as the runner sets them
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

repository=${INSTALL_REPOSITORY:-${ACTION_REPOSITORY:-}}
[ -n "$repository" ] ||
    fail 'the action comes from a checkout, so no repository has its releases: set repository to OWNER/NAME, or version to installed'
releases=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases
verify=${INSTALL_VERIFY:-true}
wanted=${INSTALL_SHA256:-}
case $verify in
    true) command -v gh >/dev/null || fail 'gh verifies the attestation and is not installed: install it, or set sha256, and verify-attestation to false' ;;
    false) [ -n "$wanted" ] || fail 'without verify-attestation, sha256 must be set' ;;
    *) fail "verify-attestation is $verify: set true or false" ;;
esac

version=${INSTALL_VERSION#v}
case $version in
    latest) from=$releases/latest/download ;;
    [0-9]*) from=$releases/download/v$version ;;
    *) fail "$INSTALL_VERSION is not a version: set 1.2.3, v1.2.3 or latest" ;;
esac

target=$(target) || { echo "$target"; exit 2; }
archive=kpolicy-$target.tar.gz
folder=$RUNNER_TEMP/kpolicy
mkdir -p "$folder"
download "$from/$archive" "$folder/$archive"

if [ -z "$wanted" ]; then
    download "$from/$archive.sha256" "$folder/$archive.sha256"
    wanted=$(cut -d ' ' -f 1 "$folder/$archive.sha256")
fi
found=$(checksum "$folder/$archive")
[ "$found" = "$wanted" ] || fail "the checksum of $archive is $found, not $wanted: it was not installed"

if [ "$verify" = true ]; then
    # Attested by the release workflow, and for a version by the run of its tag: an older archive under a newer name is rejected.
    words=(--repo "$repository" --signer-workflow "$repository/.github/workflows/release.yml" --deny-self-hosted-runners)
    [ "$version" = latest ] || words+=(--source-ref "refs/tags/v$version")
    gh attestation verify "$folder/$archive" "${words[@]}" ||
        fail "the attestation of $archive could not be verified for $repository: it was not installed"
fi

tar -xzf "$folder/$archive" -C "$folder"
"$folder/kpolicy" --version
echo "$folder" >>"$GITHUB_PATH"
