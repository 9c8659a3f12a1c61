#!/usr/bin/env bash
# Runs conftest's own acceptance suite with kpolicy under conftest's name:
#   tests/acceptance.sh PATH-TO-A-CHECKOUT-OF-CONFTEST [PATH-TO-KPOLICY]
set -euo pipefail
checkout=${1:?name a checkout of github.com/open-policy-agent/conftest}
binary=$(realpath "${2:-target/debug/kpolicy}")
command -v bats >/dev/null || { echo 'SKIPPED: bats is not installed'; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$checkout/." "$folder"
# A variable of a pipeline would change the default output.
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY TF_BUILD
cp "$binary" "$folder/conftest"
cd "$folder"
bats acceptance.bats
