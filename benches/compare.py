#!/usr/bin/env python3
"""Runs conftest and kpolicy in turns on the same manifests and policies, and prints kpolicy's share of each cost.

    cargo build --profile dist && python3 benches/compare.py

Whole processes are measured: their wall time, processor time and peak memory. Both must find the same failures; of the
library kpolicy may find more, since it gives policies the whole set as data.inventory, and conftest does not.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import manifests

HERE = pathlib.Path(__file__).resolve().parent
COSTS = ["wall time", "processor time", "peak memory"]


def measure(command):
    """The costs of one run, in the order of COSTS, and what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as notes:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=notes)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 1:
            notes.seek(0)
            said = notes.read().decode(errors="replace")
            sys.exit(f"expected exit code 1, got {process.returncode}: {' '.join(command)}\n{said}")
        out.seek(0)
        return [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], out.read()


def failures(output):
    """Each message and how often it was given."""
    results = json.loads(output)
    return collections.Counter(failure["msg"] for result in results for failure in result.get("failures") or [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kpolicy", default=str(HERE.parent / "target/dist/kpolicy"), help="the binary")
    parser.add_argument("--conftest", default="conftest", help="the binary")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run")
    options = parser.parse_args()
    conftest, kpolicy = shutil.which(options.conftest), shutil.which(options.kpolicy)
    if not kpolicy:
        sys.exit(f"{options.kpolicy} is missing: run cargo build --profile dist")
    if not conftest:
        print("SKIPPED: conftest is not installed, so there is nothing to compare with")
        return
    with tempfile.TemporaryDirectory() as folder:
        print("%d documents, %d bytes, 20 rules" % manifests.write(folder))
        words = ["test", "--policy", str(HERE / "policy"), "--output", "json", folder]
        compare([conftest, *words], [kpolicy, *words], options.runs)
    root = HERE.parent
    print("one manifest and all policies of the library")
    words = ["test", "--policy", str(root / "policy"), "--all-namespaces", "--output", "json"]
    words.append(str(root / "examples/kubernetes/shop.yaml"))
    compare([conftest, *words], [kpolicy, *words], options.runs, may_find_more=True)


def compare(conftest, kpolicy, runs, may_find_more=False):
    """Runs both in turns, after one run of each that is not counted."""
    expected, found = failures(measure(conftest)[1]), failures(measure(kpolicy)[1])
    if expected - found or found - expected and not may_find_more:
        sys.exit(f"the failures differ: conftest {expected - found}, kpolicy {found - expected}")
    print(f"{expected.total()} failures, the same in both")
    costs = [(measure(conftest)[0], measure(kpolicy)[0]) for _ in range(runs)]
    for at, cost in enumerate(COSTS):
        theirs, ours = (statistics.median(run[side][at] for run in costs) for side in (0, 1))
        print(f"{cost}: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
