# SPDX-License-Identifier: Apache-2.0
"""make_venv.py VENV SOURCE: install the binding and what its tests need into an environment.

The library is the one that pkg-config finds. A second run only builds the binding again.
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
    first = not list(target.glob("lib/*/site-packages/vcluster"))
    return subprocess.call(pip + steps[0 if first else 1])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
