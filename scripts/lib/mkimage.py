#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a container image of one layer as a docker-archive.

`docker load`, `kind load image-archive`, `ctr images import` and `podman load` read the result. The same files and
options give the same bytes: entries are sorted, owned by root and carry no time.
"""

import argparse
import hashlib
import io
import json
import os
import pathlib
import platform
import shutil
import stat
import sys
import tarfile
import tempfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def pair(text):
    """Split PATH=VALUE; the path is taken relative to the image's root."""
    path, separator, value = text.partition("=")
    path = path.strip("/")
    if not separator or not path:
        raise argparse.ArgumentTypeError(f"'{text}' is not PATH=VALUE")
    return path, value


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=pathlib.Path, help="tar file to write")
    parser.add_argument("reference", help="name of the image, with its tag")
    parser.add_argument("--file", type=pair, action="append", default=[], metavar="PATH=SOURCE")
    parser.add_argument("--text", type=pair, action="append", default=[], metavar="PATH=CONTENT")
    parser.add_argument("--link", type=pair, action="append", default=[], metavar="PATH=TARGET")
    parser.add_argument("--directory", type=pair, action="append", default=[], metavar="PATH=MODE[:OWNER]")
    parser.add_argument("--entrypoint", action="append", metavar="ARGUMENT")
    parser.add_argument("--command", action="append", metavar="ARGUMENT")
    parser.add_argument("--user")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--label", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


def directory_entry(path, mode=0o755, owner=0):
    entry = tarfile.TarInfo(path)
    entry.type = tarfile.DIRTYPE
    entry.mode = mode
    entry.uid = entry.gid = owner
    return entry


def link_entry(path, target):
    entry = tarfile.TarInfo(path)
    entry.type = tarfile.SYMTYPE
    entry.linkname = target
    entry.mode = 0o777
    return entry


def file_entry(path, source):
    status = os.stat(source)
    entry = tarfile.TarInfo(path)
    entry.size = status.st_size
    entry.mode = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
    return entry


def text_entry(path, content):
    entry = tarfile.TarInfo(path)
    entry.size = len(content)
    entry.mode = 0o644
    return entry


def collect_entries(arguments):
    """Map each path to its tar entry and its content: a source file, bytes, or None."""
    entries = {}
    for path, value in arguments.directory:
        mode, _, owner = value.partition(":")
        entries[path] = directory_entry(path, int(mode, 8), int(owner or 0)), None
    for path, target in arguments.link:
        entries[path] = link_entry(path, target), None
    for path, content in arguments.text:
        content = content.encode()
        entries[path] = text_entry(path, content), content
    for path, source in arguments.file:
        entries[path] = file_entry(path, source), source
    for path in list(entries):
        for parent in pathlib.PurePosixPath(path).parents:
            if str(parent) != ".":
                entries.setdefault(str(parent), (directory_entry(str(parent)), None))
    return entries


def open_content(content):
    return io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb")


def write_layer(entries, stream):
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as layer:
        for path in sorted(entries):
            entry, content = entries[path]
            if content is None:
                layer.addfile(entry)
                continue
            with open_content(content) as source:
                layer.addfile(entry, source)


def digest_of(stream):
    digest = hashlib.sha256()
    stream.seek(0)
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def image_config(arguments, layer_digest):
    environment = arguments.env
    if not any(variable.startswith("PATH=") for variable in environment):
        environment = [f"PATH={DEFAULT_PATH}", *environment]
    runtime = {
        "Env": environment,
        "Entrypoint": arguments.entrypoint,
        "Cmd": arguments.command,
        "User": arguments.user,
        "Labels": dict(label.split("=", 1) for label in arguments.label) or None,
        "WorkingDir": "/",
    }
    return {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {key: value for key, value in runtime.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "libvcluster scripts/images"}],
    }


def write_archive(arguments, layer, stream):
    layer_digest = digest_of(layer)
    config = json.dumps(image_config(arguments, layer_digest), sort_keys=True).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    layer_name = f"{layer_digest}/layer.tar"
    manifest = [{"Config": config_name, "RepoTags": [arguments.reference], "Layers": [layer_name]}]
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        # The manifest first: reading it must not take reading the layer.
        for name, content in (("manifest.json", json.dumps(manifest).encode()), (config_name, config)):
            archive.addfile(text_entry(name, content), io.BytesIO(content))
        archive.addfile(directory_entry(layer_digest))
        entry = tarfile.TarInfo(layer_name)
        entry.size = layer.seek(0, os.SEEK_END)
        layer.seek(0)
        archive.addfile(entry, layer)


def main():
    arguments = parse_arguments()
    entries = collect_entries(arguments)
    part = arguments.output.with_name(arguments.output.name + ".part")
    try:
        with tempfile.TemporaryFile(dir=arguments.output.parent) as layer:
            write_layer(entries, layer)
            with open(part, "wb") as stream:
                write_archive(arguments, layer, stream)
        shutil.move(part, arguments.output)
    except OSError as error:
        part.unlink(missing_ok=True)
        sys.exit(f"mkimage: {error}")


if __name__ == "__main__":
    main()
