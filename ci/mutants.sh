#!/usr/bin/env bash
# Tests a sample of mutants, and fails if the test suite catches too few: mutants.sh [SEED].
#
# The sample is every n-th of all mutants, so that it is spread over all modules; the seed says with which it starts, and each
# seed up to n gives other mutants. SAMPLE is about how many (40), LEAST the percentage that must be caught (90). It needs
# cargo-mutants and jq; mutants.out holds the results.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${1:-1} sample=${SAMPLE:-40} least=${LEAST:-90}
all=$(cargo mutants --workspace --exclude "xtask/**" --list | wc -l)
shards=$((all / sample))
[ "$shards" -gt 0 ] || shards=1
shard=$((seed % shards))
echo "seed $seed: part $shard of $shards of $all mutants"

# 2: some were missed, 3: some tests did not end. Both are counted below.
code=0
cargo mutants --workspace --exclude "xtask/**" --shard "$shard/$shards" --sharding round-robin --colors never || code=$?
case $code in
    0 | 2 | 3) ;;
    *) exit "$code" ;;
esac

# A mutant that does not compile is none, and one whose tests do not end is caught.
count() { jq -er ".$1" mutants.out/outcomes.json; }
caught=$(($(count caught) + $(count timeout)))
missed=$(count missed)
tested=$((caught + missed))
[ "$tested" -gt 0 ] || { echo 'error: no mutant was tested' >&2; exit 1; }
echo "$caught of $tested caught ($((100 * caught / tested)) %), at least $least % are needed"
[ "$missed" = 0 ] || { echo 'missed:'; cat mutants.out/missed.txt; }
[ $((100 * caught)) -ge $((least * tested)) ]
