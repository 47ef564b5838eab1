#!/usr/bin/env python3
"""usage: components.py PROGRAM TARGET SBOM LICENCES

What one shipped program holds on one target: a CycloneDX 1.5 list of its components, and their licences' texts. It goes by what
cargo builds (features as resolved for the two programs, no development, build-time or macro crates), so it takes `cargo tree`
rather than `cargo metadata`, which unites the features of the tests as well. No random number, no path, no clock but
SOURCE_DATE_EPOCH: the same sources give the same bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time

PROGRAMS = ["vedetta-agent", "vedetta-collector"]
CRATES = ".setup/vendor"  # laid by tests/dist/builder.sh: NAME-VERSION
LICENCE_FILES = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)", re.IGNORECASE)


def tree(program, target):
    """The crates reachable from the program, and the edges between them: {(name, version): (licence, repository, [children])}."""
    command = ["cargo", "tree", "--locked", "--offline", "--edges", "normal,no-proc-macro", "--target", target]
    # Built by one command for Linux, so their features are united; for Windows there is the agent alone.
    built = PROGRAMS if "-linux-" in target else [program]
    command += [f"--package={name}" for name in built] + ["--prefix", "depth", "--format", "{p}|{l}|{r}"]
    found, above = {}, []
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        if not line:
            continue
        depth, name, version, licence, repository = re.fullmatch(
            r"(\d+)(\S+) v(\S+)[^|]*\|([^|]*)\|(.*?)(?: \(\*\))?", line
        ).groups()
        crate = (name, version)
        found.setdefault(crate, (licence.replace("/", " OR "), repository, set()))
        above[int(depth) :] = [crate]
        if len(above) > 1:
            found[above[-2]][2].add(crate)
    root = next(crate for crate in found if crate[0] == program)
    reached, waiting = set(), [root]
    while waiting:
        crate = waiting.pop()
        if crate not in reached:
            reached.add(crate)
            waiting.extend(found[crate][2])
    return root, {crate: found[crate] for crate in sorted(reached)}


def digests():
    """What Cargo.lock pins: {(name, version): SHA-256 of the published crate}."""
    with open("Cargo.lock", encoding="utf-8") as lock:
        blocks = lock.read().split("[[package]]")
    pattern = re.compile(r'name = "(.+)"\nversion = "(.+)"\n(?:.*\n)*?checksum = "(.+)"')
    return {match.group(1, 2): match.group(3) for match in map(pattern.search, blocks) if match}


def address(crate):
    name, version = crate
    return f"pkg:cargo/{name}@{version.replace('+', '%2B')}"


def component(crate, facts, kind, pinned):
    name, version = crate
    licence, repository, _ = facts
    entry = {"type": kind, "bom-ref": address(crate), "name": name, "version": version, "purl": address(crate)}
    entry["licenses"] = [{"expression": licence}]
    if crate in pinned:
        entry["hashes"] = [{"alg": "SHA-256", "content": pinned[crate]}]
    if repository:
        entry["externalReferences"] = [{"type": "vcs", "url": repository}]
    return entry


def has_pages(crates):
    return any(name == "vedetta-web" for name, _ in crates)


def pages():
    """What the collector's pages embed and cargo does not know of: tests/setup/bootstrap-italia.sh."""
    with open("tests/setup/bootstrap-italia.sh", encoding="utf-8") as script:
        text = script.read()
    version, digest = (re.search(rf"^{word}=(\S+)$", text, re.MULTILINE).group(1) for word in ("VERSION", "SHA512"))
    npm = f"pkg:npm/bootstrap-italia@{version}"
    entry = {"type": "library", "bom-ref": npm, "name": "bootstrap-italia", "version": version, "purl": npm}
    # The style sheet and icons, and the fonts Titillium Web and Roboto Mono.
    entry["licenses"] = [{"expression": "BSD-3-Clause AND OFL-1.1"}]
    entry["hashes"] = [{"alg": "SHA-512", "content": digest}]
    return entry


def licence_texts(crates):
    """Each text once, under the names of all who use it."""
    folders = {f"{name} {version}": f"{CRATES}/{name}-{version}" for name, version in crates}
    if has_pages(crates):
        folders["bootstrap-italia"] = ".setup/bootstrap-italia"
        folders["Titillium Web"] = ".setup/bootstrap-italia/fonts/Titillium_Web"
        folders["Roboto Mono"] = ".setup/bootstrap-italia/fonts/Roboto_Mono"
    users, texts = {}, {}
    for user, folder in folders.items():
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        for name in names:
            path = f"{folder}/{name}"
            if (LICENCE_FILES.match(name) or name == "OFL.txt") and os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read().strip().replace("\r\n", "\n")
                key = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
                texts.setdefault(key, text)
                users.setdefault(key, []).append(user)
    for key, text in sorted(texts.items(), key=lambda item: users[item[0]]):
        yield f"{'=' * 100}\n{', '.join(dict.fromkeys(users[key]))}\n{'=' * 100}\n\n{text}\n"


def main():
    program, target, sbom, licences = sys.argv[1:]
    root, crates = tree(program, target)
    pinned = digests()
    parts = [component(crate, facts, "library", pinned) for crate, facts in crates.items() if crate != root]
    edges = [{"ref": address(crate), "dependsOn": [address(below) for below in sorted(facts[2])]} for crate, facts in crates.items()]
    if has_pages(crates):
        parts.append(pages())
        next(edge for edge in edges if edge["ref"].startswith("pkg:cargo/vedetta-web@"))["dependsOn"].append(parts[-1]["bom-ref"])
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))),
            "component": component(root, crates[root], "application", pinned),
            "properties": [{"name": "cargo:target", "value": target}],
        },
        "components": parts,
        "dependencies": edges,
    }
    with open(sbom, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, ensure_ascii=False)
        file.write("\n")
    with open(licences, "w", encoding="utf-8") as file:
        file.write(f"What {program} is made of besides its own code, by licence. Own code: EUPL-1.2.\n\n")
        for (name, version), (licence, repository, _) in crates.items():
            file.write(f"{name} {version}: {licence} {repository}".rstrip() + "\n")
        file.write("\n" + "\n".join(licence_texts(crates)))


main()
