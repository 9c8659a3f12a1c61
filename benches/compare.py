#!/usr/bin/env python3
"""Runs conftest and kpolicy in turns on the same work, and prints kpolicy's share of each cost: the table of
docs/performance.md.

    cargo build --profile dist && python3 benches/compare.py

Whole processes are measured: their wall time, processor time and peak memory, each the median of the runs. Both must find
the same failures; of the library kpolicy may find more, since it gives policies the whole set as data.inventory, and
conftest does not. The last rows measure kpolicy against itself, and against kubeconform and kube-score where these are
installed (go install github.com/yannh/kubeconform/cmd/kubeconform@latest, github.com/zegl/kube-score/cmd/kube-score@latest).
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
import work

COSTS = ["wall", "processor", "memory"]


def measure(command):
    """The costs of one run, in the order of COSTS, and what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as notes:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=notes)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            notes.seek(0)
            said = notes.read().decode(errors="replace")
            sys.exit(f"expected exit code 0 or 1, got {process.returncode}: {' '.join(command)}\n{said}")
        out.seek(0)
        return [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], out.read()


def failures(output):
    """Each message and how often it was given."""
    results = json.loads(output)
    return collections.Counter(failure["msg"] for result in results for failure in result.get("failures") or [])


def in_turns(commands, runs):
    """The median costs of each command: they are run in turns, after one run of each that is not counted."""
    for command in commands:
        measure(command)
    costs = [[] for _ in commands]
    for _ in range(runs):
        for of, command in zip(costs, commands):
            of.append(measure(command)[0])
    return [[statistics.median(run[at] for run in of) for at in range(len(COSTS))] for of in costs]


class Table:
    """The rows as they are measured."""

    def __init__(self, conftest, kpolicy, options):
        self.conftest, self.kpolicy, self.options = conftest, kpolicy, options
        print("| work | " + " | ".join(COSTS) + " | kpolicy, ms | MiB |\n| --- |" + " --- |" * 5)

    def wants(self, name):
        return not self.options.rows or any(word in name for word in self.options.rows)

    def row(self, name, first, second):
        """Prints what the second command costs, as a share of the first."""
        theirs, ours = in_turns([first, second], self.options.runs)
        shares = " | ".join(f"{mine / other:.3f}" for mine, other in zip(ours, theirs))
        print(f"| {name} | {shares} | {ours[0] * 1000:.1f} | {ours[2] / 1024:.0f} |", flush=True)

    def beside_conftest(self, name, policy, inputs, own=None, may_find_more=False):
        """A row of the same work; `own` are kpolicy's arguments for the policies, where they differ."""
        if not self.wants(name) or self.conftest is None:
            return
        shared = ["--output", "json", str(inputs)]
        theirs = [self.conftest, "test", "--policy", str(policy), "--all-namespaces", *shared]
        ours = [self.kpolicy, "test", *(own or ["--policy", str(policy), "--all-namespaces"]), *shared]
        if own is None:
            expected, found = failures(measure(theirs)[1]), failures(measure(ours)[1])
            if expected - found or found - expected and not may_find_more:
                sys.exit(f"{name}: the failures differ: conftest {expected - found}, kpolicy {found - expected}")
        self.row(name, theirs, ours)

    def beside_itself(self, name, first, second):
        if self.wants(name):
            command = [self.kpolicy, "test", "--output", "json"]
            self.row(name, [*command, *first], [*command, *second])

    def beside(self, tool, arguments, name, inputs):
        path = shutil.which(tool)
        if self.wants(name) and path:
            ours = [self.kpolicy, "test", "--profile", "default", "--output", "json", str(inputs)]
            # kube-score reads no directories.
            files = [str(file) for file in sorted(inputs.rglob("*.yaml"))] if inputs.is_dir() else [str(inputs)]
            self.row(name, [path, *arguments, *files], ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kpolicy", default=str(work.ROOT / "target/dist/kpolicy"), help="the binary")
    parser.add_argument("--conftest", default="conftest", help="the binary")
    parser.add_argument("--runs", type=int, default=11, help="how often each is run")
    parser.add_argument("rows", nargs="*", help="only rows that contain one of these words")
    options = parser.parse_args()
    conftest, kpolicy = shutil.which(options.conftest), shutil.which(options.kpolicy)
    if not kpolicy:
        sys.exit(f"{options.kpolicy} is missing: run cargo build --profile dist")
    if not conftest:
        print("SKIPPED: conftest is not installed, so there is nothing to compare with")
    with tempfile.TemporaryDirectory() as folder:
        rows(pathlib.Path(folder), Table(conftest, kpolicy, options))


def rows(root, table):
    def folder(name):
        path = root / name
        path.mkdir()
        return path

    files = work.files(folder("files"), manifests.DOCUMENTS)
    stream = work.stream(folder("stream"), manifests.DOCUMENTS)
    twenty, each = work.TWENTY_RULES, work.policy(folder("each"), work.A_FINDING_IN_EACH)
    never = work.policy(folder("never"), work.ONE_RULE_THAT_NEVER_FIRES)
    library, default = work.library(folder("library")), ["--profile", "default"]
    table.beside_conftest("2,000 manifests, 20 rules", twenty, files)
    table.beside_conftest("one stream of 2,000 documents, 20 rules", twenty, stream)
    table.beside_conftest("one stream, a finding in each document", each, stream)
    table.beside_conftest("one file, 20 rules", twenty, work.SHOP)
    table.beside_conftest("one file, profile `default`", library, work.SHOP, own=default)
    table.beside_conftest("one file, the library as files", library, work.SHOP, may_find_more=True)
    table.beside_conftest("500 policies, one file", work.policies(folder("500"), 500), work.SHOP, may_find_more=True)
    table.beside_conftest("JSON of 10 MB", twenty, work.objects(folder("json"), 10_000_000))
    many = work.files(folder("many"), 10 * manifests.DOCUMENTS)
    table.beside_itself(
        "20,000 manifests against 2,000", ["--policy", str(twenty), str(files)], ["--policy", str(twenty), str(many)]
    )
    table.beside_itself(
        "profile `strict` against `default`, 2,000 manifests", [*default, str(files)], ["--profile", "strict", str(files)]
    )
    table.beside_itself(
        "20 rules against one that never fires, 2,000 manifests", ["--policy", str(never), str(files)], ["--policy", str(twenty), str(files)]
    )
    for name, inputs in [("one file", work.SHOP), ("2,000 manifests", files)]:
        table.beside("kube-score", ["score"], f"profile `default` beside kube-score, {name}", inputs)
        arguments = ["-ignore-missing-schemas", "-schema-location", str(root / "none")]
        table.beside("kubeconform", arguments, f"profile `default` beside kubeconform, {name}", inputs)


if __name__ == "__main__":
    main()
