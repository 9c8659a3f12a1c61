#!/usr/bin/env python3
"""Compares the library with the labelled Terraform fixtures of checkov, by subject and resource.

    tools/compare-terraform.py --kpolicy target/debug/kpolicy --checkov DIR [--dry-run]

The directory is a checkout of bridgecrewio/checkov; nothing of it is kept. What a fixture is labelled with is read from
checkov's own tests: the sets of passing and failing resources of a directory, the result that a text or a parsed resource
is to have, and the lists of expected.yaml of its graph checks. Each resource is a case; where checkov names none, the text
is. The script writes the table and the disagreements to docs/policies/comparison.md, between its two markers; a disagreement
that nobody has judged in tools/compare-terraform.toml is an error. One that is judged to be wrong, or to be so by design,
counts as missed or false; any other is set apart.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/policies/comparison.md"
TABLE = ROOT / "tools/compare-terraform.toml"
BEGIN, END = "<!-- Written by tools/compare-terraform.py. -->", "<!-- End of what tools/compare-terraform.py writes. -->"
KEYS = ("right", "missed", "false", "silent", "apart")


def plain(address):
    """An address without its module, its index and `data.`: so that both sides name a resource alike."""
    address = re.sub(r"\[[^\]]*\]", "", address)
    return re.sub(r"^(module\.[^.]+\.)*(data\.)?", "", address)


def assigned(statement):
    """The name and the value that a statement of Python assigns."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, statement.value
    return None, None


def literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def expected(statement):
    """The result that an assertion expects."""
    named = [node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute) and node.attr in {"PASSED", "FAILED"}]
    is_assertion = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return named[0] if is_assertion and named else None


def unwrapped(value):
    """A parsed resource as it was written: checkov has each value in a list."""
    if isinstance(value, list):
        return unwrapped(value[0]) if len(value) == 1 else [unwrapped(item) for item in value]
    if isinstance(value, dict):
        return {key: unwrapped(item) for key, item in value.items() if not key.startswith("__")}
    return value


def unparsed(conf, kind):
    """The file that a parsed resource came from, in JSON. A value that is a list of lists is a list."""
    body = {key: value[0] if isinstance(value, list) and value and isinstance(value[0], list) else unwrapped(value) for key, value in conf.items() if not key.startswith("__")}
    return json.dumps({"resource": {kind: {"x": body}}}), "main.tf.json"


def functions(test):
    for node in ast.walk(ast.parse(test.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield node


def kinds(root, test):
    """The types of resources that a check is for, by its own code."""
    code = root / "checkov/terraform/checks" / test.relative_to(root / "tests/terraform/checks").parent / (test.stem.removeprefix("test_") + ".py")
    return re.findall(r"[\"'](aws_\w+|azurerm_\w+|google_\w+)[\"']", code.read_text())


def cases_of_test(root, test, scratch):
    """The cases of a test: a name, the directory or file, the resource or nothing, and whether it is to be found."""
    check = test.stem.removeprefix("test_")
    for function in functions(test):
        labels, folder, text, count = {}, None, None, 0
        for statement in function.body:
            name, value = assigned(statement)
            for node in ast.walk(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip("/"):
                    found = test.parent / node.value.strip("/")
                    if "\n" not in node.value and len(node.value) < 200 and found.is_dir():
                        folder = found
            content = literal(value) if value is not None else None
            if name in {"passing_resources", "failing_resources"} and isinstance(content, (set, dict, list, tuple)):
                labels[name == "failing_resources"] = content
            elif isinstance(content, dict) and content and all(isinstance(key, str) for key in content):
                text = unparsed(content, kinds(root, test)[0])
            elif isinstance(value, ast.Call) and ast.unparse(value.func) == "hcl2.loads" and value.args:
                text = (literal(value.args[0]), "main.tf")
            elif (result := expected(statement)) and text and text[0]:
                count += 1
                place = scratch / check / f"{function.name}-{count}"
                place.mkdir(parents=True, exist_ok=True)
                (place / text[1]).write_text(text[0].strip() + "\n")
                suffix = f"-{count}" if count > 1 else ""
                yield f"{check}/{function.name}{suffix}", place, None, result == "FAILED"
        for bad, resources in labels.items():
            for resource in sorted(resources):
                if folder:
                    yield f"{check}/{folder.name.removeprefix('example_')}/{resource}" if folder.name.removeprefix("example_") != check else f"{check}/{resource}", folder, plain(resource), bad


def cases_of_graph(root, check):
    """The cases of a check over several resources."""
    folder = root / "tests/terraform/graph/checks/resources" / check
    bad, labels = None, {False: [], True: []}
    for line in (folder / "expected.yaml").read_text().splitlines():
        if line.strip() in {"pass:", "fail:"}:
            bad = line.strip() == "fail:"
        elif item := re.match(r"\s*-\s*[\"']?([^\"']+)[\"']?\s*$", line):
            labels[bad].append(item.group(1))
    for bad, resources in labels.items():
        # What is labelled both ways is labelled in no way.
        for resource in sorted(set(resources) - set(labels[not bad])):
            yield f"{check}/{resource}", folder, plain(resource), bad


def cases(root, check, scratch):
    for provider in ("aws", "azure", "gcp"):
        for part in ("resource", "data"):
            test = root / "tests/terraform/checks" / part / provider / f"test_{check}.py"
            if test.exists():
                yield from cases_of_test(root, test, scratch)
    if (root / "tests/terraform/graph/checks/resources" / check).is_dir():
        yield from cases_of_graph(root, check)


def findings(kpolicy, policies, place):
    """What these policies find in a directory; nothing where it cannot be read."""
    command = [kpolicy, "test", "-o", "json", "--allow-empty", "."]
    for policy in policies:
        command += ["--library", policy]
    output = subprocess.run(command, cwd=place, capture_output=True, text=True)
    try:
        report = json.loads(output.stdout)
    except json.JSONDecodeError:
        return None
    if output.returncode == 2:
        return None
    return [result for entry in report for kind in ("failures", "warnings") for result in entry.get(kind) or []]


def hits(results, resource, field):
    for result in results:
        path = result["location"]["path"]
        address = plain(".".join(map(str, path[1:3])))
        if (resource is None or address == resource) and (field is None or field in path or field in result["msg"]):
            return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kpolicy", required=True)
    parser.add_argument("--checkov", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="print the figures and the disagreements, and write nothing")
    options = parser.parse_args()
    table, root = tomllib.loads(TABLE.read_text()), options.checkov.resolve()
    kpolicy = str(Path(options.kpolicy).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        all_cases = []
        for subject in table["subject"]:
            for entry in subject["checkov"]:
                check, _, field = entry.partition(":")
                got = list(cases(root, check, Path(scratch)))
                if not got:
                    sys.exit(f"checkov has no fixtures for {check}")
                all_cases += [(subject, field or None, *case) for case in got]
        keys = sorted({(tuple(case[0]["policies"]), str(case[3])) for case in all_cases})
        with ThreadPoolExecutor(2) as pool:
            answers = dict(zip(keys, pool.map(lambda key: findings(kpolicy, *key), keys)))
    report(table, all_cases, answers, options.dry_run)


def report(table, all_cases, answers, is_dry):
    counts = defaultdict(lambda: defaultdict(int))
    disagreements, unreadable, unjudged, judged = [], [], [], table.get("judged", {})
    for subject, field, case, place, resource, bad in all_cases:
        found = answers[(tuple(subject["policies"]), str(place))]
        if found is None:
            unreadable.append(case)
            continue
        hit = hits(found, resource, field)
        if hit != bad:
            verdict = judged.get(case) or next((text for pattern, text in judged.items() if fnmatchcase(case, pattern)), None)
            if verdict is None:
                unjudged.append(f"{case}: {'missed' if bad else 'found, labelled good'}")
                verdict = "wrong: not judged"
            disagreements.append((case, bad, verdict))
            if not verdict.startswith(("wrong", "by design")):
                counts[subject["name"]]["apart"] += 1
                continue
        counts[subject["name"]][{(True, True): "right", (True, False): "missed", (False, True): "false", (False, False): "silent"}[(bad, hit)]] += 1
    total = {key: sum(row[key] for row in counts.values()) for key in KEYS}
    raw = [sum(bad for _, bad, _ in disagreements), sum(not bad for _, bad, _ in disagreements)]
    print(total, f"recall {share(total['right'], total['missed'])} precision {share(total['right'], total['false'])}", f"as labelled {share(total['right'], raw[0])} {share(total['right'], raw[1])}")
    if unreadable:
        print("not read:", ", ".join(sorted(unreadable)))
    if not is_dry:
        write(table, counts, total, raw, disagreements, unreadable)
    if unjudged:
        sys.exit("not judged:\n" + "\n".join(unjudged))


def share(part, others):
    return "" if part + others == 0 else f"{100 * part / (part + others):.1f}%"


def write(table, counts, total, raw, disagreements, unreadable):
    lines = [BEGIN, "", "| subject | policies | right | missed | false | silent | apart |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for subject in table["subject"]:
        row = counts[subject["name"]]
        policies = ", ".join(f"[{policy.removeprefix('terraform/')}]({policy}.md)" for policy in subject["policies"])
        lines.append("| " + " | ".join([subject["name"], policies, *(str(row[key]) for key in KEYS)]) + " |")
    lines.append("| together | | " + " | ".join(str(total[key]) for key in KEYS) + " |")
    lines += [
        "",
        f"Of what the library claims, recall is {share(total['right'], total['missed'])} and precision "
        f"{share(total['right'], total['false'])}. With every fixture that is set apart counted as checkov labels it, they are "
        f"{share(total['right'], raw[0])} and {share(total['right'], raw[1])}.",
        "",
    ]
    grouped = defaultdict(list)
    for case, bad, verdict in sorted(disagreements):
        grouped[("labelled bad, not found" if bad else "labelled good, found", verdict)].append(case)
    for (label, verdict), names in sorted(grouped.items(), key=lambda entry: entry[1]):
        lines.append(f"- {', '.join(f'`{name}`' for name in names)} ({label}): {verdict}")
    if unreadable:
        lines += ["", "These could not be read: " + ", ".join(f"`{case}`" for case in sorted(unreadable)) + "."]
    lines += ["", END]
    page = PAGE.read_text()
    start, rest = page.index(BEGIN), page.index(END) + len(END)
    PAGE.write_text(page[:start] + "\n".join(lines) + page[rest:])


if __name__ == "__main__":
    main()
