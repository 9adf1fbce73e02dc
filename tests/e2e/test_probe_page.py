# SPDX-License-Identifier: BSD-2-Clause
"""The page of `relayguard probe --format html`, opened in Chromium: its numbers
are JSON's, and whatever a server says neither runs nor fetches anything."""

import os
import re
import shutil
import socket
import struct
import subprocess
import threading
import zlib
from html.parser import HTMLParser

import pytest

from sink import Sink
from test_probe_report import SERVERS, each_server, printed, run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium here (Debian's package chromium)")


class Page(HTMLParser):
    """Texts by id, classes of links and folds, and all attributes."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.links, self.folds, self.attributes = {}, [], [], []
        self.tags, self.opened = set(), None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.attributes += attrs.items()
        self.opened = attrs.get("id")
        if tag == "a":
            self.links.append((attrs["href"], attrs["class"].split()[1]))
        if tag == "details" and "class" in attrs:
            self.folds.append(attrs["class"])

    def handle_data(self, data):
        if self.opened is not None:
            self.texts.setdefault(self.opened, data)


def chromium(tmp_path, page, *options):
    """Open the page; its output, and what it has to complain about."""
    file = tmp_path / "page.html"
    file.write_text(page)
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-dev-shm-usage", "--enable-logging=stderr", "--hide-scrollbars",
         f"--user-data-dir={tmp_path}/profile", *options, f"file://{file}"],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def check_numbers(page, doc):
    for grade, n in doc["grades"].items():
        assert page.texts[f"grade-{grade}"] == f"{n} {grade}"
        assert len([1 for _, c in page.links if c == grade]) == n
        assert page.folds.count(grade) == n
    for layer, n in doc["refused_by"].items():
        assert page.texts.get(f"by-{layer}", "0") == str(n)
    assert page.texts["verdict"] == doc["verdict"]
    assert [href for href, _ in page.links] != []
    assert {href[1:] for href, _ in page.links} == {t["id"] for t in doc["tests"]}


@each_server
def test_numbers_and_nothing_active(server):
    text, doc = printed(server, "html")
    page = Page(text)
    check_numbers(page, doc)
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "link", "form"}
    assert not [k for k, _ in page.attributes if k.startswith("on") or k in ("src", "style")]
    assert all(v.startswith("#") for k, v in page.attributes if k == "href")
    assert "default-src 'none'" in text and "http:" not in text and "https:" not in text


@pytest.mark.parametrize("option, n", [("-q", 0), ("-v", 46)])
def test_dialogues_folded(option, n):
    text, doc = printed("relays", "html", option)
    controls = len(doc["controls"])
    assert text.count("<pre>") == (n and 40 + controls)
    assert text.count("<details") == 20 + controls
    assert "<details open" not in text


def test_empty_run():
    """Nobody listens: the page has no numbers, and says why."""
    with Sink(SERVERS["closed"][0]) as sink:
        port = sink.port
    done = run("--format", "html", f"127.0.0.1:{port}")
    assert done.returncode == 3
    assert "connection refused" in done.stdout


@in_chromium
@each_server
def test_chromium_shows_the_numbers(server, tmp_path):
    text, doc = printed(server, "html")
    dom, complaints = chromium(tmp_path, text, "--dump-dom")
    assert complaints == []
    check_numbers(Page(dom), doc)


class Trap:
    """A port that no page may call on."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.calls = self.listener.getsockname()[1], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.calls.append(client.recv(200))
            client.sendall(b"HTTP/1.0 404 no\r\n\r\n")
            client.close()


@in_chromium
def test_chromium_fetches_and_runs_nothing(tmp_path):
    trap = Trap()
    bait = (f"</pre><img src=http://127.0.0.1:{trap.port}/img>"
            f"<script src=http://127.0.0.1:{trap.port}/js></script>"
            "<script>document.body.innerHTML = 'taken over'; no_such_function()</script>")

    def answer(verb, line, n):
        return f"550 5.7.1 {bait}" if verb == "RCPT" else None

    with Sink(answer, f"220 mx.sink.test {bait}") as sink:
        text = run("--format", "html", "-v", f"127.0.0.1:{sink.port}").stdout
    assert text.count("&lt;img src=") > 40
    dom, complaints = chromium(tmp_path, text, "--dump-dom")
    assert (complaints, trap.calls) == ([], [])
    assert ">taken over" not in dom
    # were it not escaped, the page's policy would still stop it
    taken = text.replace("<main>", f"<main>{bait}")
    dom, complaints = chromium(tmp_path, taken, "--dump-dom")
    assert complaints != [] and trap.calls == []
    assert ">taken over" not in dom
    # and without the policy this test would see it
    taken = re.sub(r"<meta http-equiv.*?>\n", "", taken)
    dom, _ = chromium(tmp_path, taken, "--dump-dom")
    assert trap.calls != [] and ">taken over" in dom
    trap.listener.close()


def first_pixel(png):
    """Of a PNG with eight bits a channel: no filter changes it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        n, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + n]
        at += n + 12
    return tuple(zlib.decompress(data)[1:4])


@in_chromium
def test_chromium_light_and_dark(tmp_path):
    text, _ = printed("relays", "html")
    pixels = []
    for scheme in (1, 0):  # light, dark
        _, complaints = chromium(
            tmp_path, text, f"--blink-settings=preferredColorScheme={scheme}",
            "--window-size=1000,1400", "--screenshot=shot.png")
        assert complaints == []
        pixels.append(first_pixel((tmp_path / "shot.png").read_bytes()))
    assert pixels == [(0xff, 0xff, 0xff), (0x15, 0x17, 0x1a)]


@in_chromium
def test_chromium_prints(tmp_path):
    text, _ = printed("relays", "html")
    chromium(tmp_path, text, "--print-to-pdf=page.pdf", "--no-pdf-header-footer")
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and 1 <= pdf.count(b"/Type /Page\n") <= 9
