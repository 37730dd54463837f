"""Checks every crate that the lock file pins: licence from an allow-list, source crates.io, one version each.

Exit code 1 when a crate breaks a rule. A second version of a crate needs its reason in ALLOWED_TWICE.
"""

import json
import subprocess
import sys
from collections import defaultdict

LICENCES = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0",
    # For data alone: the certificates of Mozilla's root programme, in webpki-roots.
    "CDLA-Permissive-2.0",
    "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}
# Crate name -> why two versions are in the tree.
ALLOWED_TWICE = {
    "getrandom": "of the two versions of rand",
    "rand": "the OpenTelemetry SDK and proptest still use 0.9",
    "rand_core": "of the two versions of rand",
    "rand_chacha": "of the two versions of rand",
    "r-efi": "not built on Linux",
    "syn": "serde_derive moved to 3, other derive macros are still on 2; build time only",
    "windows-sys": "not built on Linux",
    "windows-targets": "not built on Linux",
}


def allowed(expression: str) -> bool:
    """Whether an SPDX expression offers an allowed choice. AND binds tighter than OR; brackets are dropped."""
    plain = expression.replace("/", " OR ").replace("(", "").replace(")", "")
    return any(
        all(part.strip() in LICENCES for part in choice.split(" AND ")) for choice in plain.split(" OR ")
    )


def main() -> int:
    output = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], check=True, capture_output=True, text=True
    ).stdout
    metadata = json.loads(output)
    members = set(metadata["workspace_members"])
    faults, versions = [], defaultdict(set)
    for package in metadata["packages"]:
        if package["id"] in members:
            continue
        name = f"{package['name']} {package['version']}"
        versions[package["name"]].add(package["version"])
        if not (package["source"] or "").startswith("registry+"):
            faults.append(f"{name}: comes from {package['source']}, not from crates.io")
        if not package["license"] or not allowed(package["license"]):
            faults.append(f"{name}: licence {package['license']} is not on the list")
    for name, found in sorted(versions.items()):
        if len(found) > 1 and name not in ALLOWED_TWICE:
            faults.append(f"{name}: {len(found)} versions ({', '.join(sorted(found))}) without a reason")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(metadata['packages'])} crates checked, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
