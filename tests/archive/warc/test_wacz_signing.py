"""Signed packages, made with a key that openssl made, accepted by WebCrypto as ReplayWeb.page calls it, and found out where they were touched."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import zipfile

import pytest

from archive.cli import main
from tests.archive.samples import fill
from tests.archive.warc.foreign import clean_environment, tool
from tests.archive.warc.test_wacz import played
from tests.screens import CHROMIUM, chromium

WEBCRYPTO = """
const signed = JSON.parse(require("fs").readFileSync(0)).signedData, bytes = (text) => Buffer.from(text, "base64");
(async () => {
  const key = await crypto.subtle.importKey("spki", bytes(signed.publicKey), {name: "ECDSA", namedCurve: "P-384"}, true, ["verify"]);
  const fits = await crypto.subtle.verify({name: "ECDSA", hash: "SHA-256"}, key, bytes(signed.signature), new TextEncoder().encode(signed.hash));
  console.log(fits);
})();
"""

VERIFIED = """
async () => {
  for (const {name} of await indexedDB.databases()) {
    const opened = indexedDB.open(name);
    await new Promise((done) => { opened.onsuccess = done; });
    if (opened.result.objectStoreNames.contains("verification")) {
      const found = opened.result.transaction("verification").objectStore("verification").get("signature");
      await new Promise((done) => { found.onsuccess = done; });
      if (found.result) return found.result.matched;
    }
    opened.result.close();
  }
  return null;
}
"""


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "key.pem"
    subprocess.run(["openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", path], check=True)
    return path


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    fill((folder / "collection").as_uri(), folder, range(4))
    return (folder / "collection").as_uri()


@pytest.fixture(scope="module")
def signed(key, uri, tmp_path_factory):
    path = tmp_path_factory.mktemp("signed") / "a.wacz"
    assert main(["wacz", "--archive", uri, "--sign", str(key), str(path)]) == 0
    return path


def digest_of(path):
    with zipfile.ZipFile(path) as package:
        return json.loads(package.read("datapackage-digest.json"))


def changed(path, out, **entries):
    """Copy a package with other bytes for some entries, by the last part of their names."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, entries.get(name.rpartition("/")[2].partition(".")[0].replace("-", "_"), old.read(name)))
    return out


def test_a_signature_is_one_of_the_specification(signed):
    values = digest_of(signed)["signedData"]
    assert set(values) == {"hash", "signature", "publicKey", "created", "software", "version"}
    assert values["hash"] == digest_of(signed)["hash"]
    assert len(base64.b64decode(values["signature"])) == 96


@pytest.mark.skipif(shutil.which("node") is None and not os.environ.get("CI"), reason="no Node on this machine")
def test_webcrypto_accepts_it_as_replayweb_page_asks_it(signed):
    done = subprocess.run(
        ["node", "-e", WEBCRYPTO], input=json.dumps(digest_of(signed)), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "true"


@pytest.mark.slow
@pytest.mark.parametrize("is_forged", [False, True])
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_replayweb_page_itself_accepts_it_and_no_other(signed, tmp_path, is_forged):
    digest = digest_of(signed)
    forged = digest | {"signedData": digest["signedData"] | {"signature": "A" * 128}}
    path = changed(signed, tmp_path / "b.wacz", datapackage_digest=json.dumps(forged)) if is_forged else signed
    (tmp_path / "served").mkdir()
    with played(path, tmp_path / "served", "https://www.aljazeera.net/") as root, chromium() as browser:
        page = browser.new_page()
        page.goto(root)
        for _ in range(120):
            if (verdict := page.evaluate(VERIFIED)) is not None:
                break
            page.wait_for_timeout(250)
    assert verdict is not is_forged


def test_py_wacz_finds_the_signed_package_valid(signed):
    command = [tool("wacz"), "validate", "-f", str(signed)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_verify_proves_it_and_names_the_key(signed, capsys, uri, key, tmp_path):
    assert main(["verify", "--wacz", str(signed)]) == 0
    first = capsys.readouterr().out
    assert "no fault" in first
    assert main(["wacz", "--archive", uri, "--limit", "1", "--sign", str(key), str(tmp_path / "b.wacz")]) == 0
    assert main(["verify", "--wacz", str(tmp_path / "b.wacz"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["signer"] in first
    assert main(["wacz", "--archive", uri, str(tmp_path / "c.wacz")]) == 0
    assert main(["verify", "--wacz", str(tmp_path / "c.wacz")]) == 0
    assert "not signed" in capsys.readouterr().out


def test_what_was_touched_is_found_out(signed, tmp_path, capsys):
    with zipfile.ZipFile(signed) as package:
        listing = json.loads(package.read("datapackage.json"))
    listing["title"] = "another"
    digest = digest_of(signed)
    forged = json.dumps(digest | {"signedData": digest["signedData"] | {"signature": "A" * 128}})
    for number, (entries, sentence) in enumerate(
        [
            ({"pages": b"other"}, "pages/pages.jsonl is not as the list says"),
            ({"datapackage": json.dumps(listing)}, "datapackage.json is not that of"),
            ({"datapackage_digest": forged}, "its signature is not that of its key"),
            ({"datapackage_digest": json.dumps(digest | {"signedData": {"publicKey": "x"}})}, "cannot be read"),
            ({"datapackage_digest": json.dumps(digest | {"signedData": {"domain": "x.example"}})}, "certificate"),
        ]
    ):
        path = changed(signed, tmp_path / f"{number}.wacz", **entries)
        assert main(["verify", "--wacz", str(path)]) == 1, sentence
        assert sentence in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "0.wacz", "a") as package:
        package.writestr("extra.html", "x")
    assert main(["verify", "--wacz", str(tmp_path / "0.wacz")]) == 1
    assert "extra.html is in the package and not in its list" in capsys.readouterr().out


def repacked(path, out, *, method=zipfile.ZIP_STORED, without=(), folders=()):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in folders:
            new.writestr(name, b"")
        for name in old.namelist():
            if name not in without:
                new.writestr(name, old.read(name))
    return out


def test_packages_of_other_tools_are_proved_as_well(signed, tmp_path, capsys):
    """The specification asks for no digest of the list; a ZIP may name folders; py-wacz hashes with MD5 where it is told to."""
    plain = repacked(
        signed, tmp_path / "plain.wacz", without={"datapackage-digest.json"}, folders=["archive/", "pages/"]
    )
    assert main(["verify", "--wacz", str(plain)]) == 0
    assert "not signed" in capsys.readouterr().out
    warc = tmp_path / "a.warc.gz"
    with zipfile.ZipFile(signed) as package:
        warc.write_bytes(package.read(next(name for name in package.namelist() if name.startswith("archive/"))))
    command = [tool("wacz"), "create", "-o", str(tmp_path / "md5.wacz"), "--hash-type", "md5", str(warc)]
    subprocess.run(command, env=clean_environment(), capture_output=True, check=True)
    assert main(["verify", "--wacz", str(tmp_path / "md5.wacz")]) == 0
    assert main(["verify", "--wacz", str(changed(tmp_path / "md5.wacz", tmp_path / "other.wacz", index=b"x"))]) == 1
    assert "is not as the list says" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_what_another_reader_would_see_otherwise_is_a_fault(signed, tmp_path, capsys):
    twice = repacked(signed, tmp_path / "twice.wacz")
    with zipfile.ZipFile(twice, "a") as package:
        package.writestr("pages/pages.jsonl", package.read("pages/pages.jsonl"))
    assert main(["verify", "--wacz", str(twice)]) == 1
    assert "pages/pages.jsonl is in the package 2 times" in capsys.readouterr().out
    hollow = tmp_path / "hollow.wacz"
    with zipfile.ZipFile(hollow, "w") as package:
        package.writestr("datapackage.json", '{"resources": []}')
    assert main(["verify", "--wacz", str(hollow)]) == 1
    assert "there is nothing under archive/" in capsys.readouterr().out


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_damaged_or_encrypted_entry_is_a_sentence(signed, tmp_path, capsys, method):
    path = repacked(signed, tmp_path / "packed.wacz", method=method)
    with zipfile.ZipFile(path) as package:
        place = package.infolist()[0].header_offset + 200
    body = bytearray(path.read_bytes())
    body[place : place + 40] = b"\xff" * 40
    path.write_bytes(body)
    assert main(["verify", "--wacz", str(path)]) == 1
    assert "cannot be read" in capsys.readouterr().out
    for head, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        for found in re.finditer(head, bytes(body)):
            body[found.start() + flags] |= 1
    path.write_bytes(body)
    assert main(["verify", "--wacz", str(path)]) == 2
    assert "is encrypted" in capsys.readouterr().err


def test_a_key_or_a_package_that_is_none_is_one_sentence(uri, tmp_path, capsys):
    wrong = tmp_path / "wrong.pem"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", wrong], check=True)
    (tmp_path / "text").write_text("no key")
    for key, sentence in (
        (wrong, "curve P-384"),
        (tmp_path / "text", "no private key"),
        (tmp_path / "none", "No such file"),
    ):
        assert main(["wacz", "--archive", uri, "--sign", str(key), str(tmp_path / "a.wacz")]) == 2
        assert sentence in capsys.readouterr().err
        assert not list(tmp_path.glob("a.wacz*"))
    assert main(["verify", "--wacz", str(tmp_path / "text")]) == 2
    assert "is no WACZ" in capsys.readouterr().err
