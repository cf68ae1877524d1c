"""The command line as it is where only some extras are installed: `python tests/only_extras.py report,plan ARGUMENTS`.

Everything else that this environment has beside them is hidden from `import`.
"""

import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def installed_with(extras, package="kreislauf", found=None):
    """Return the names of the packages that come with a package and its extras."""
    found = set() if found is None else found
    for line in requires(package) or ():
        wanted = Requirement(line)
        key = (canonicalize_name(wanted.name), tuple(sorted(wanted.extras)))
        if key in found or not any(not wanted.marker or wanted.marker.evaluate({"extra": e}) for e in ("", *extras)):
            continue
        found.add(key)
        try:
            installed_with(wanted.extras, wanted.name, found)
        except PackageNotFoundError:
            continue
    return found


class Hidden:
    """Finds nothing, and refuses what is not installed with the extras."""

    def __init__(self, extras):
        self.there = {name for name, _ in installed_with(extras)} | {"kreislauf"}
        self.package_of = packages_distributions()

    def find_spec(self, name, path=None, target=None):
        module = name.partition(".")[0]
        packages = {canonicalize_name(package) for package in self.package_of.get(module, ())}
        if packages and not packages & self.there:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)


if __name__ == "__main__":
    sys.meta_path.insert(0, Hidden([extra for extra in sys.argv[1].split(",") if extra]))
    from kreislauf.cli import main

    main(sys.argv[2:])
