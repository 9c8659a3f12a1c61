#!/bin/sh
# Writes src/kubernetes/fields.txt from the Go module k8s.io/api at the releases that kpolicy supports: those that
# Kubernetes itself supports, and the one before. Change RELEASES, run this, and read the difference.
set -eu
RELEASES="v0.34.13 v0.35.10 v0.36.6 v0.37.2"

cd "$(dirname "$0")"
table=../../src/kubernetes/fields.txt
before=$(mktemp)
after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
for release in $RELEASES; do
    go get "k8s.io/api@$release"
    go mod tidy
    go run . "$before" >"$after"
    cp "$after" "$before"
done
{
    echo "# The fields of Kubernetes' workload kinds: k8s.io/api $RELEASES, by tools/kubernetes-fields/refresh.sh."
    cat "$before"
} >"$table"
