#!/usr/bin/env python3
"""Downloads the real repositories that the figures in RESULTS.md are about, and prints the folder of each.

    benches/fetch.py [--cache DIR] [NAME…]

They are source distributions at the versions of repositories.json, from the index that this machine's pip uses. Each
file's SHA-256 is checked against repositories.json before it is unpacked, and what is unpacked is kept in the cache
(default: twinscribe-repositories in the user's cache folder), so a second call downloads nothing.
"""
import argparse
import hashlib
import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PINNED = json.loads((HERE / "repositories.json").read_text())


def default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "twinscribe-repositories"


def index_url():
    """The simple index of this machine's pip: what it is configured to, or what pip itself has for a default."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"]
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip()
    from pip._internal.models.index import PyPI
    return PyPI.simple_url


class Links(html.parser.HTMLParser):
    """Targets of all links of a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found += [value for key, value in attributes if key == "href"]


def get(url, tries=4):
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(url, timeout=180) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError):
            if attempt == tries - 1:
                raise
            time.sleep(2 ** attempt)


def file_url(name, version):
    """Where the index has the source distribution; the links of a page may be relative to it."""
    page = index_url().rstrip("/") + "/" + name + "/"
    links = Links()
    links.feed(get(page).decode())
    wanted = {"%s-%s.tar.gz" % (n, version) for n in (name, name.replace("-", "_"))}
    for link in links.found:
        url = urllib.parse.urldefrag(urllib.parse.urljoin(page, link)).url
        if urllib.parse.unquote(url.rsplit("/", 1)[-1]).lower() in wanted:
            return url
    sys.exit("%s has no source distribution of version %s" % (name, version))


def fetch(name, cache):
    """The folder of a repository, downloaded and unpacked if it is not there yet."""
    version, digest = PINNED[name]["version"], PINNED[name]["sha256"]
    folder = cache / ("%s-%s" % (name, version))
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    data = get(file_url(name, version))
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        sys.exit("%s %s: SHA-256 is %s, expected %s" % (name, version, found, digest))
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        archive = pathlib.Path(scratch) / "archive.tar.gz"
        archive.write_bytes(data)
        unpacked = pathlib.Path(scratch) / "unpacked"
        with tarfile.open(archive) as tar:
            # Nothing outside the folder, no devices, no links that leave it.
            tar.extractall(unpacked, filter="data")
        (top,) = unpacked.iterdir()
        shutil.move(str(top), folder)
    return folder


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help="all by default: " + ", ".join(PINNED))
    options.add_argument("--cache", type=pathlib.Path, default=default_cache())
    chosen = options.parse_args()
    for name in chosen.names or PINNED:
        if name not in PINNED:
            sys.exit("%s is none of %s" % (name, ", ".join(PINNED)))
        print(fetch(name, chosen.cache))


if __name__ == "__main__":
    main()
