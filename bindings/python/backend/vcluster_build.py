# SPDX-License-Identifier: Apache-2.0
"""Build backend: scikit-build-core, told what the SWIG at hand can do.

From 4.3 on SWIG writes code for Python's limited API, so that one binary serves every Python from
3.10; Debian's 4.1 does not, and the binary is for the Python that built it. Where there is no SWIG
at all, the one from PyPI is asked for.
"""

import re
import shutil
import subprocess

from scikit_build_core import build as _core

_SWIG = "swig==4.5.1"
_LIMITED_API_SINCE = (4, 3)

get_requires_for_build_sdist = _core.get_requires_for_build_sdist
build_sdist = _core.build_sdist


def _swig_version():
    swig = shutil.which("swig")
    if swig is None:
        return None
    answer = subprocess.run([swig, "-version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"SWIG Version (\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else None


def _settings(config_settings):
    settings = dict(config_settings or {})
    version = _swig_version()
    if version is not None and version >= _LIMITED_API_SINCE:
        settings.setdefault("wheel.py-api", "cp310")
    return settings


def get_requires_for_build_wheel(config_settings=None):
    required = list(_core.get_requires_for_build_wheel(config_settings))
    return required if _swig_version() else [*required, _SWIG]


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    return _core.prepare_metadata_for_build_wheel(metadata_directory, _settings(config_settings))


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _core.build_wheel(wheel_directory, _settings(config_settings), metadata_directory)
