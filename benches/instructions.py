#!/usr/bin/env python3
"""Counts the instructions of five runs and compares them with what benches/instructions.json records.

    cargo build --release --no-default-features && python3 benches/instructions.py [--record]

A run that takes a tenth more than recorded is an error. Unlike time, instructions are the same on a busy machine; they
depend on the compiler and the processor's architecture, so that --record rewrites the file after a change of these, and
after a change that is meant to cost more or less. valgrind counts them.
"""

import argparse
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import work

RECORD = work.HERE / "instructions.json"
# By how much a run may exceed what is recorded.
TOLERANCE = 0.1


def rows(root):
    """The arguments of `kpolicy test` for each row."""

    def folder(name):
        path = root / name
        path.mkdir()
        return path

    def policy(path):
        return ["--policy", str(path), "--all-namespaces"]

    twenty, shop = policy(work.TWENTY_RULES), str(work.SHOP)
    each = policy(work.policy(folder("each"), work.A_FINDING_IN_EACH))
    return {
        "one file, profile default": ["--profile", "default", shop],
        "60 policies, one file": [*policy(work.policies(folder("policies"), 60)), shop],
        "200 manifests, 20 rules": [*twenty, str(work.files(folder("files"), 200))],
        "one stream of 400 documents, a finding in each": [*each, str(work.stream(folder("stream"), 400))],
        "JSON of 1 MB": [*twenty, str(work.objects(folder("json"), 1_000_000))],
    }


def count(kpolicy, arguments):
    """How many instructions a run takes, on one thread."""
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    command += [kpolicy, "test", "--jobs", "1", "--output", "json", *arguments]
    process = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"I\s+refs:\s+([\d,]+)", process.stderr)
    if process.returncode not in (0, 1) or not found:
        sys.exit(f"exit code {process.returncode}: {' '.join(command)}\n{process.stderr}")
    return int(found[1].replace(",", ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kpolicy", default=str(work.ROOT / "target/release/kpolicy"), help="the binary")
    parser.add_argument("--record", action="store_true", help="record what is counted")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing: apt-get install valgrind")
    if not pathlib.Path(options.kpolicy).exists():
        sys.exit(f"{options.kpolicy} is missing: run cargo build --release --no-default-features")
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    machine = platform.machine()
    if not options.record and machine != recorded.get("machine"):
        print(f"SKIPPED: instructions are recorded on {recorded.get('machine')}, and this is {machine}")
        return
    with tempfile.TemporaryDirectory() as folder:
        counted = {name: count(options.kpolicy, arguments) for name, arguments in rows(pathlib.Path(folder)).items()}
    before = recorded.get("instructions", {})
    for name, instructions in counted.items():
        change = f"{instructions / before[name] - 1:+.1%}" if name in before else "new"
        print(f"{instructions / 1e6:9.1f} M  {change:>7}  {name}")
    if options.record:
        RECORD.write_text(json.dumps({"machine": machine, "instructions": counted}, indent=2) + "\n")
        return
    more = [name for name, instructions in counted.items() if instructions > before.get(name, 0) * (1 + TOLERANCE)]
    if more:
        sys.exit(
            f"error: a tenth more instructions than recorded, or not recorded: {'; '.join(more)}\n"
            "Find what costs them; if it is worth that, record them: python3 benches/instructions.py --record"
        )


if __name__ == "__main__":
    main()
