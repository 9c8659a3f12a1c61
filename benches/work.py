"""The work that is measured: each row writes its inputs into a folder and says how kpolicy and conftest do it.

compare.py measures the rows beside conftest, instructions.py counts kpolicy's instructions on smaller ones.
"""

import json
import pathlib
import random
import re
import tempfile

import manifests

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
SHOP = ROOT / "examples/kubernetes/shop.yaml"
TWENTY_RULES = HERE / "policy"

ONE_RULE_THAT_NEVER_FIRES = """\
package main

deny contains "never" if input.kind == "Nothing"
"""
A_FINDING_IN_EACH = """\
package main

deny contains sprintf("%s %s is seen", [input.kind, input.metadata.name])
"""


def files(folder, documents):
    """So many manifests, two thirds of them in files of their own."""
    manifests.write(folder, documents)
    return folder


def stream(folder, documents):
    """The same manifests in one file."""
    with tempfile.TemporaryDirectory() as parts:
        manifests.write(parts, documents)
        texts = [path.read_text() for path in sorted(pathlib.Path(parts).rglob("*.yaml"))]
    path = pathlib.Path(folder) / "stream.yaml"
    path.write_text("---\n".join(texts))
    return path


def policy(folder, text):
    """A folder with one module."""
    folder = pathlib.Path(folder) / "policy"
    folder.mkdir()
    (folder / "main.rego").write_text(text)
    return folder


def library(folder):
    """The library's modules as files, without their tests."""
    return policies(folder, None)


def policies(folder, count):
    """So many policies, each in a package of its own: those of the library again and again, with its helpers."""
    folder = pathlib.Path(folder) / "policy"
    sources = [path for path in sorted((ROOT / "policy").rglob("*.rego")) if not path.name.endswith("_test.rego")]
    helpers = [path for path in sources if path.parent.name == "lib"]
    others = [path for path in sources if path not in helpers]
    for path in helpers:
        write(folder / path.relative_to(ROOT / "policy"), path.read_text())
    for at in range(len(others) if count is None else count):
        path, turn = others[at % len(others)], at // len(others)
        text = path.read_text()
        if turn:
            text = re.sub(r"(?m)^package kpolicy\.", f"package copy{turn}.", text)
        write(folder / str(turn) / path.relative_to(ROOT / "policy"), text)
    return folder


def objects(folder, size):
    """One JSON document of about so many bytes: a list of things."""
    rng = random.Random(manifests.SEED)
    items, length = [], 0
    while length < size:
        name = f"{rng.choice(manifests.APPS)}-{rng.choice(manifests.PARTS)}-{len(items)}"
        item = {
            "id": len(items),
            "name": name,
            "enabled": rng.random() < 0.5,
            "weight": round(rng.random(), 4),
            "tags": rng.sample(manifests.TEAMS, 2),
            "owner": {"team": rng.choice(manifests.TEAMS), "mail": f"{name}@example.com", "note": None},
            "limits": {"cpu": rng.randint(1, 64), "memory": rng.randint(1, 64) << 20},
        }
        items.append(item)
        length += len(json.dumps(item)) + 2
    path = pathlib.Path(folder) / "objects.json"
    path.write_text(json.dumps({"kind": "Inventory", "metadata": {"name": "all", "labels": {}}, "items": items}))
    return path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
