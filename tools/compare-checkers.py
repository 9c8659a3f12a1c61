#!/usr/bin/env python3
"""Compares the library with the labelled fixtures of checkov, kube-linter and kubescape, by subject.

    tools/compare-checkers.py --kpolicy target/debug/kpolicy --checkov DIR --kube-linter DIR --kubescape DIR

The directories are checkouts of bridgecrewio/checkov, stackrox/kube-linter and kubescape/regolibrary; nothing of them is
kept. What a fixture is labelled with is read as its project labels it: checkov by PASSED and FAILED in the file's name,
kube-linter by the kinds that its end-to-end tests expect and by `dont-fire` in names, kubescape by whether a case's expected.json is empty. The
script writes the table and the disagreements to docs/policies/comparison.md, between the two markers; a disagreement that
nobody has judged in tools/compare-checkers.toml is an error. One that is judged to be wrong, or to be so by design, counts
as missed or false; any other is set apart.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/policies/comparison.md"
TABLE = ROOT / "tools/compare-checkers.toml"
BEGIN, END = "<!-- Written by tools/compare-checkers.py. -->", "<!-- End of what tools/compare-checkers.py writes. -->"


def checkov(root, check):
    """The files of one of checkov's examples, with whether each is to be found."""
    for part in ("kubernetes", "dockerfile"):
        folder = root / "tests" / part / "checks" / f"example_{check}"
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = str(file.relative_to(folder)).lower()
            bad = re.search(r"fail", name)
            good = re.search(r"pass|success", name)
            if "unknown" not in name and bool(bad) != bool(good) and file.suffix != ".py":
                yield f"checkov {check}/{file.relative_to(folder)}", [file], None, bool(bad)


def kubescape(root, rule):
    """The cases of one of kubescape's rules."""
    for case in sorted((root / "rules" / rule / "test").glob("*")):
        inputs = sorted(path for path in (case / "input").rglob("*") if path.suffix in {".yaml", ".yml", ".json"})
        expected = case / "expected.json"
        if inputs and expected.exists():
            found = json.loads(expected.read_text() or "[]")
            yield f"kubescape {rule}/{case.name}", inputs, None, bool(found)


def kube_linter(root, check):
    """The kinds in one of kube-linter's files that its end-to-end test expects a report of, and the objects of that file
    whose names say that none is expected."""
    suites = (root / "e2etests/bats-tests.sh").read_text().split("@test ")
    suite = next((text for text in suites if text.startswith(f'"{check}"')), "")
    found = re.search(r'tmp="?([^"\s]+)', suite)
    if found is None:
        return
    file = root / found.group(1).removeprefix("./")
    for kind in sorted(set(re.findall(r'== "([A-Za-z]+): ', suite))):
        yield f"kube-linter {check}/{kind}", [file], ("kind", kind), True
    for name in sorted(set(re.findall(r"(?m)^\s*name:\s*[\"']?(dont-fire[\w.-]*)", file.read_text()))):
        yield f"kube-linter {check}/{name}", [file], ("name", name), False


SOURCES = {"checkov": checkov, "kube-linter": kube_linter, "kubescape": kubescape}


def findings(kpolicy, policies, files):
    """What these policies find in files; nothing where one cannot be read."""
    command = [kpolicy, "test", "-o", "json", "--allow-empty"]
    for policy in policies:
        command += ["--library", policy]
    output = subprocess.run([*command, *map(str, files)], cwd="/", capture_output=True, text=True)
    try:
        report = json.loads(output.stdout)
    except json.JSONDecodeError:
        return None
    if output.returncode == 2:
        return None
    return [result for entry in report for kind in ("failures", "warnings") for result in entry.get(kind) or []]


def is_about(result, target):
    """Whether a finding is about an object of a kind or of a name; the former never about one named dont-fire. An object
    without a name is taken for the one that was meant."""
    resource = result.get("resource")
    field, value = target
    if resource is None:
        return field == "kind"
    return resource.get(field) == value and (field == "name" or not resource.get("name", "").startswith("dont-fire"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kpolicy", required=True)
    for source in SOURCES:
        parser.add_argument(f"--{source}", type=Path, required=True)
    options = vars(parser.parse_args())
    table = tomllib.loads(TABLE.read_text())
    cases = []
    for subject in table["subject"]:
        for source, read in SOURCES.items():
            root = options[source.replace("-", "_")].resolve()
            for check in subject.get(source, []):
                got = list(read(root, check))
                if not got:
                    sys.exit(f"{source} has no fixtures for {check}")
                cases += [(subject, source, *case) for case in got]
    kpolicy = str(Path(options["kpolicy"]).resolve())
    keys = {(tuple(case[0]["policies"]), tuple(case[3])) for case in cases}
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(keys, pool.map(lambda key: findings(kpolicy, *key), keys)))
    counts = defaultdict(lambda: defaultdict(int))
    disagreements, unreadable, unjudged = [], [], []
    judged = table.get("judged", {})
    for subject, source, case, files, target, bad in cases:
        found = answers[(tuple(subject["policies"]), tuple(files))]
        if found is None:
            unreadable.append(case)
            continue
        hit = bool(found) if target is None else any(is_about(result, target) for result in found)
        if hit != bad:
            verdict = judged.get(case) or next((text for start, text in judged.items() if start.endswith("*") and case.startswith(start[:-1])), None)
            if verdict is None:
                unjudged.append(f"{case}: {'missed' if bad else 'found, labelled good'}")
                verdict = "wrong: not judged"
            disagreements.append((case, bad, verdict))
            if not verdict.startswith(("wrong", "by design")):
                counts[subject["name"]]["apart"] += 1
                continue
        counts[subject["name"]][{(True, True): "right", (True, False): "missed", (False, True): "false", (False, False): "silent"}[(bad, hit)]] += 1
    write(table, counts, disagreements, unreadable)
    if unjudged:
        sys.exit("not judged:\n" + "\n".join(unjudged))


def share(part, whole):
    return "" if whole == 0 else f"{100 * part / whole:.1f}%"


def write(table, counts, disagreements, unreadable):
    lines = [BEGIN, "", "| subject | policies | right | missed | false | silent | apart |", "| --- | --- | --- | --- | --- | --- | --- |"]
    total = defaultdict(int)
    for subject in table["subject"]:
        row = counts[subject["name"]]
        for key, value in row.items():
            total[key] += value
        policies = ", ".join(f"[{policy.removeprefix('kubernetes/')}]({policy}.md)" for policy in subject["policies"])
        cells = [subject["name"], policies, *(str(row[key]) for key in ("right", "missed", "false", "silent", "apart"))]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("| together | | " + " | ".join(str(total[key]) for key in ("right", "missed", "false", "silent", "apart")) + " |")
    recall = share(total["right"], total["right"] + total["missed"])
    precision = share(total["right"], total["right"] + total["false"])
    missed = sum(bad for _, bad, _ in disagreements)
    raw_recall = share(total["right"], total["right"] + missed)
    raw_precision = share(total["right"], total["right"] + len(disagreements) - missed)
    lines += [
        "",
        f"Of what the library claims, recall is {recall} and precision {precision}. With every fixture that is set apart "
        f"counted as its project labels it, they are {raw_recall} and {raw_precision}.",
        "",
        "## Disagreements",
        "",
    ]
    for case, bad, verdict in sorted(disagreements):
        label = "labelled bad, not found" if bad else "labelled good, found"
        lines.append(f"- `{case}` ({label}): {verdict}")
    if unreadable:
        lines += ["", "These could not be read, or no object in them is one that the policies are for: " + ", ".join(f"`{case}`" for case in sorted(unreadable)) + "."]
    lines += ["", END]
    page = PAGE.read_text()
    start, rest = page.index(BEGIN), page.index(END) + len(END)
    PAGE.write_text(page[:start] + "\n".join(lines) + page[rest:])
    print(f"right {total['right']} missed {total['missed']} false {total['false']} silent {total['silent']} apart {total['apart']}")


if __name__ == "__main__":
    main()
