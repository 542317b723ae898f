# SPDX-License-Identifier: Apache-2.0
"""make_venv.py VENV SOURCE: install the binding and what its tests need into an environment.

The library is the one that pkg-config finds. A second run only builds the binding again, unless
the requirements have changed.
"""

import pathlib
import subprocess
import sys
import venv


def main(target: pathlib.Path, source: pathlib.Path) -> int:
    python = target / "bin" / "python"
    if not python.exists():
        venv.create(target, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The first installs the requirements, the second what may have changed under the same version.
    steps = ([f"{source}[test]"], ["--force-reinstall", "--no-deps", str(source)])
    wanted, known = (source / "pyproject.toml").read_text(), target / "requirements-of"
    first = not known.exists() or known.read_text() != wanted
    if first and (code := subprocess.call(pip + steps[0])):
        return code
    known.write_text(wanted)
    return subprocess.call(pip + steps[1])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
