#!/usr/bin/env bash
# Runs conftest's own acceptance suite, and its cases of `doc`, with kpolicy under conftest's name, and compares what
# fails with the list in acceptance-failing.txt: a case that fails and is not listed is an error, and so is a listed case
# that passes.
#
#   tests/acceptance.sh FOLDER [PATH-TO-KPOLICY]
#
# FOLDER holds conftest's sources: a checkout, or "$(go mod download -json github.com/open-policy-agent/conftest@v0.71.1 | jq -r .Dir)".
# It needs bats. Pushing and pulling needs the program registry of github.com/distribution/distribution and port 5000.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sources=${1:?name a folder with the sources of github.com/open-policy-agent/conftest}
binary=$(realpath "${2:-target/debug/kpolicy}")
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cp -R "$sources/." "$folder"
# Go's module cache is read-only, and its files are no programs.
chmod -R u+w "$folder"
chmod +x "$folder"/contrib/plugins/*/*.sh
# These variables change the default output, and settings can come from the environment.
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY TF_BUILD
for variable in $(compgen -e KPOLICY_ || true); do unset "$variable"; done
cp "$binary" "$folder/conftest"

# bats fails where a case fails; what counts is which.
(cd "$folder" && bats --tap acceptance.bats) >"$folder/results.tap" || true
# The cases of `doc` are apart, and run in their own folder.
(cd "$folder/tests/document" && CONFTEST="$folder/conftest" bats --tap test.bats) >>"$folder/results.tap" || true
# Those of plugins and downloads are apart as well.
for topic in plugin pull-update multiple-runs-with-update; do
    (cd "$folder/tests/$topic" && HOME="$folder/home" CONFTEST="$folder/conftest" bats --tap test.bats) \
        >>"$folder/results.tap" || true
done
# The script for push and pull runs docker for a registry without TLS, which here is the program `registry`; its second
# half needs a name in DNS.
if command -v registry >/dev/null; then
    mkdir -p "$folder/bin" "$folder/home"
    cat >"$folder/bin/docker" <<'EOF'
#!/usr/bin/env bash
folder=$(cd "$(dirname "$0")/.." && pwd)
case $1 in
run)
    printf 'version: 0.1\nstorage: {inmemory: {}}\nhttp: {addr: "127.0.0.1:5000"}\n' >"$folder/registry.yml"
    registry serve "$folder/registry.yml" >"$folder/registry.log" 2>&1 &
    echo $! >"$folder/registry.pid"
    ;;
logs) cat "$folder/registry.log" ;;
rm) [ ! -e "$folder/registry.pid" ] || kill "$(cat "$folder/registry.pid")"; rm -f "$folder/registry.pid" ;;
esac
EOF
    chmod +x "$folder/bin/docker"
    # To verify no policies at all is an error here: data are verified with those that were pulled.
    sed -e '/^# stop the unauthenticated/,$d' \
        -e "s|verify -p ''|verify -p \"\${WORKDIR}\"/testdatadirectory/examples/data/policy|" \
        "$folder/scripts/push-pull-e2e.sh" >"$folder/push-pull.sh"
    echo 1..1 >>"$folder/results.tap"
    if (cd "$folder" && HOME="$folder/home" PATH="$folder/bin:$PATH" timeout 120 bash push-pull.sh) >"$folder/push-pull.log" 2>&1; then
        echo 'ok 1 push-pull-e2e.sh' >>"$folder/results.tap"
    else
        echo 'not ok 1 push-pull-e2e.sh' >>"$folder/results.tap"
        sed 's/^/# /' "$folder/push-pull.log" >>"$folder/results.tap"
    fi
else
    echo "skipped: conftest's push-pull-e2e.sh needs the program registry of github.com/distribution/distribution" >&2
fi
cases=$(sed -n 's/^1\.\.//p' "$folder/results.tap" | awk '{sum += $0} END {print sum + 0}')
results=$(grep -cE '^(not )?ok ' "$folder/results.tap" || true)
if [ "${cases:-0}" = 0 ] || [ "$cases" != "$results" ]; then
    cat "$folder/results.tap"
    echo "error: bats ran $results of ${cases:-0} cases" >&2
    exit 2
fi
sed -nE 's/^not ok [0-9]+ //p' "$folder/results.tap" | sort >"$folder/failed"
sed -nE 's/^ok [0-9]+ //p' "$folder/results.tap" | sort >"$folder/passed"
sed -nE 's/^[?]? *([^#? ].*)$/\1/p' "$here/acceptance-failing.txt" | sort >"$folder/listed"
sed -nE 's/^([^#? ].*)$/\1/p' "$here/acceptance-failing.txt" | sort >"$folder/certain"

broken=$(comm -23 "$folder/failed" "$folder/listed")
mended=$(comm -12 "$folder/passed" "$folder/certain")
gone=$(sort "$folder/failed" "$folder/passed" | comm -13 - "$folder/listed")
echo "$(wc -l <"$folder/passed") of $cases cases pass; $(wc -l <"$folder/failed") fail"
code=0
say() {
    [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2" >&2; code=1; }
}
say 'error: these fail and are not in tests/acceptance-failing.txt' "$broken"
say 'error: these pass now: remove them from tests/acceptance-failing.txt' "$mended"
say 'error: the suite has no such cases: remove them from tests/acceptance-failing.txt' "$gone"
if [ -n "$broken" ]; then
    # What bats printed for each: the lines after its result that start with #.
    while IFS= read -r name; do
        awk -v name="$name" '/^(not )?ok /{show = index($0, "not ok ") == 1 && substr($0, length($0) - length(name) + 1) == name} show' \
            "$folder/results.tap" >&2
    done <<<"$broken"
fi
exit "$code"
