"""WACZ: captures packed with their index and pages, for replay tools; of chosen articles, or of whole WARCs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import json
import lzma
import re
import tempfile
import uuid
import zipfile
import zlib
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin

from archive.article import Article, format_time
from archive.files import Unreadable, parse_fields
from archive.maintenance.erasure import patches
from archive.manifests.manifest import SUFFIXES, Item, date_of, manifest_key, warc_key
from archive.reader.archive import Archive, find_record
from archive.reader.jsonl import lines_of_object, opened_object
from archive.store import Missing, StoreError
from archive.warc.cdxj import REDIRECTS, merged, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.article import RecordPointer
    from archive.warc.reading import StoredRecord

# --- WACZ 1.1.1: WARC files with index and pages in one ZIP, which a replay opens with range requests ----------------
#     archive/<name>.warc.gz               stored as they are, never deflated again
#     indexes/index.cdx.gz, index.idx      the CDXJ lines in blocks, and where each block begins
#     pages/pages.jsonl                    what a reader would want to open
#     datapackage.json                     each of these with its size and SHA-256
#     datapackage-digest.json              the SHA-256 of that
#
# Everything is streamed: neither a WARC nor the ZIP is ever held in memory. The lines of the index are, as in a segment.

PIECE = 1 << 20
LINES_A_BLOCK = 300  # as cdxj-indexer packs them
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: the same content gives the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that a reader would want to open: where, when, its title, and its text for a search inside the replay."""

    url: str
    captured: datetime
    title: str | None = None
    text: str | None = None

    def to_line(self) -> bytes:
        """Return the line of pages.jsonl."""
        moment = format_time(self.captured)
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.url} {moment}").hex
        record = {"id": identity, "url": self.url, "ts": moment, "title": self.title, "text": self.text}
        chosen = {name: value for name, value in record.items() if value is not None}
        return json.dumps(chosen, ensure_ascii=False).encode() + b"\n"


@dataclass(slots=True)
class _Package:
    """The ZIP that is being written, and what its list will say."""

    zip: zipfile.ZipFile
    resources: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: str, pieces: Iterable[bytes], size: int | None, *, deflate: bool = False) -> None:
        """Add an entry.

        Its local header speaks of zip64 only where its size needs it or is not known, as the central one does: ReplayWeb.page takes the length
        of the one for that of the other.
        """
        entry = zipfile.ZipInfo(path, _EARLIEST)
        entry.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        digest, written = hashlib.sha256(), 0
        with self.zip.open(entry, "w", force_zip64=size is None or size > zipfile.ZIP64_LIMIT) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                written += len(piece)
        name = path.rpartition("/")[2]
        self.resources.append({"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": written})

    def add_pieces(self, path: str, pieces: Sequence[bytes], *, deflate: bool = False) -> None:
        """Add an entry that is in memory."""
        self.add(path, pieces, sum(map(len, pieces)), deflate=deflate)


def pack(  # noqa: PLR0913  each is a part of the package
    out: IO[bytes],
    *,
    warcs: Iterable[tuple[str, IO[bytes]]],
    index: Sequence[bytes],
    pages: Iterable[Page],
    about: dict[str, str],
    key: SigningKey | None = None,
) -> None:
    """Write a WACZ.

    Args:
        out: where it is written; it need not be seekable.
        warcs: file name and open stream of each WARC, at its beginning, opened as they are asked for.
        index: the CDXJ lines of all of them, sorted, without line ends.
        pages: the pages to list.
        about: ``title``, ``description``, ``created`` (ISO 8601) and ``software`` of the package.
        key: signs it; see `SigningKey`.
    """
    with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
        package = _Package(archive)
        for name, stream in warcs:
            package.add(f"archive/{name}", iter(lambda: stream.read(PIECE), b""), _size(stream))  # noqa: B023  read before the next
        blocks, entries = _blocks(index)
        package.add_pieces("indexes/index.cdx.gz", blocks)
        package.add_pieces("indexes/index.idx", entries, deflate=True)
        package.add_pieces("pages/pages.jsonl", _page_lines(list(pages)), deflate=True)
        _list(package, about, key)


def _size(stream: IO[bytes]) -> int | None:
    """Return the bytes of a stream that stands at its beginning; None where only reading it would tell."""
    if not stream.seekable():
        return None
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size


def _page_lines(pages: Sequence[Page]) -> list[bytes]:
    """Return the lines of pages.jsonl; the first says whether the others hold text that can be searched."""
    head = {
        "format": "json-pages-1.0",
        "id": "pages",
        "title": "All Pages",
        "hasText": any(page.text for page in pages),
    }
    return [json.dumps(head).encode() + b"\n", *(page.to_line() for page in pages)]


def _blocks(index: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the compressed blocks of the index, and the lines that say where each of them begins."""
    meta = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    blocks, entries, offset = [], [b"!meta 0 " + json.dumps(meta).encode() + b"\n"], 0
    for start in range(0, len(index), LINES_A_BLOCK):
        lines = index[start : start + LINES_A_BLOCK]
        block = gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)
        data = {
            "offset": offset,
            "length": len(block),
            "digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
            "filename": "index.cdx.gz",
        }
        first = b" ".join(lines[0].split(b" ", 2)[:2])
        entries.append(first + b" " + json.dumps(data).encode() + b"\n")
        blocks.append(block)
        offset += len(block)
    return blocks, entries


def _list(package: _Package, about: dict[str, str], key: SigningKey | None) -> None:
    listed = {"profile": "data-package", "wacz_version": "1.1.1", **about, "resources": package.resources}
    text = json.dumps(listed, ensure_ascii=False, indent=2).encode()
    package.add_pieces("datapackage.json", [text], deflate=True)
    digest: dict[str, Any] = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
    if key is not None:
        digest["signedData"] = key.signed(digest["hash"], about)
    package.add_pieces("datapackage-digest.json", [json.dumps(digest, indent=2).encode()], deflate=True)


# --- Signatures: the anonymous key of the specification «WACZ Signing and Verification» 0.1.0 -------------------------
#     datapackage-digest.json    signedData: hash, signature, publicKey, created, software, version
#
# ECDSA over P-384 and SHA-256, of the text of the hash; the signature as WebCrypto has it (r and s, 48 bytes each), the key as SPKI; both in
# Base64. A key says that two packages have one signer, not who that is: its owner has to say the fingerprint elsewhere.

_COORDINATE = 48  # bytes of P-384
_DIGEST = "datapackage-digest.json"
_FOLDERS = ("archive/", "indexes/")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    KeyError,
    EOFError,
    RuntimeError,
    OSError,
)  # RuntimeError: encrypted, or packed in an unknown way
_LONGEST_LIST = 64 << 20  # bytes of datapackage.json that are read


class SigningKey:
    """A private key that signs packages; needs cryptography, which comes with a crawl, and with the extra ``sign`` of the reader."""

    def __init__(self, pem: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  imported when it is needed: the command line stays fast
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError):  # what cryptography says of it is three sentences and a link
            raise ValueError("it is no private key in PEM that can be read without a password") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp384r1":
            raise ValueError(
                "it is no key on the curve P-384: openssl ecparam -name secp384r1 -genkey -noout -out KEY makes one"
            )
        self._key = key

    @property
    def public(self) -> bytes:
        """Return the public key as SPKI."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def signed(self, text: str, about: Mapping[str, str]) -> dict[str, str]:
        """Return what a package says of its signature."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature  # noqa: PLC0415

        numbers = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        raw = b"".join(number.to_bytes(_COORDINATE) for number in numbers)
        return {
            "hash": text,
            "signature": base64.b64encode(raw).decode(),
            "publicKey": base64.b64encode(self.public).decode(),
            "created": about["created"],
            "software": about["software"],
            "version": "0.1.0",
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a package found: faults, each a sentence; entries that were hashed; the signer's fingerprint, None: unsigned."""

    faults: list[str]
    entries: int
    signer: str | None


def check_package(path: Path) -> Checked:
    """Hash every entry of a WACZ again, and hold its list and its signature against that; of any tool's, with or without a digest of its list.

    Raises:
        ValueError: it is no WACZ at all.
    """
    try:
        with zipfile.ZipFile(path) as package:
            names = Counter(name for name in package.namelist() if not name.endswith("/"))  # which is a folder
            text = _read_entry(package, "datapackage.json")
            listed = parse_fields(text, resources=list)
            digest = parse_fields(_read_entry(package, _DIGEST)) if _DIGEST in names else None
            faults = [fault for one in listed["resources"] if (fault := _entry_fault(package, one))]
    except (*_BROKEN, Unreadable) as error:
        reason = error.args[0] if isinstance(error, KeyError) else error
        raise ValueError(f"{path} is no WACZ: {reason}") from None
    known = {one.get("path") for one in listed["resources"] if isinstance(one, dict)}
    faults += [
        f"{name} is in the package and not in its list"
        for name in sorted(names.keys() - known - {"datapackage.json", _DIGEST})
    ]
    faults += [f"{name} is in the package {count} times" for name, count in sorted(names.items()) if count > 1]
    faults += [
        f"there is nothing under {folder}" for folder in _FOLDERS if not any(name.startswith(folder) for name in names)
    ]
    if digest is None:
        return Checked(faults, len(listed["resources"]), None)
    if (stated := _hash_like(digest.get("hash"), text)) != digest.get("hash"):
        faults.append("datapackage.json is not that of datapackage-digest.json")
    signer = None
    if (signed := digest.get("signedData")) is not None:
        signer, fault = _signature_fault(signed, stated)
        faults += [fault] if fault else []
    return Checked(faults, len(listed["resources"]), signer)


def _read_entry(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as stream:
        text = stream.read(_LONGEST_LIST + 1)
    if len(text) > _LONGEST_LIST:
        raise Unreadable(f"{name} is longer than {_LONGEST_LIST} bytes")
    return text


def _entry_fault(package: zipfile.ZipFile, listed: Any) -> str | None:
    """Return what is wrong with an entry that the list names, None where it is as that says."""
    if not isinstance(listed, dict) or not isinstance(name := listed.get("path"), str):
        return "an entry of the list names no path"
    size, stated = listed.get("bytes"), listed.get("hash")
    digest = _digest_like(stated)
    try:
        with package.open(name) as stream:
            read = 0
            while (piece := stream.read(PIECE)) and isinstance(size, int) and read <= size:
                digest.update(piece)
                read += len(piece)
    except _BROKEN as error:
        return f"{name} cannot be read: {error}"
    return (
        None if (size, stated) == (read, f"{digest.name}:{digest.hexdigest()}") else f"{name} is not as the list says"
    )


def _digest_like(stated: Any) -> hashlib._Hash:
    """Return the digest that a list's hash is one of: py-wacz writes MD5 where it is told to; SHA-256 where it is none of these."""
    name = str(stated).partition(":")[0]
    return hashlib.new(name if name in {"md5", "sha1", "sha512"} else "sha256", usedforsecurity=False)


def _hash_like(stated: Any, text: bytes) -> str:
    digest = _digest_like(stated)
    digest.update(text)
    return f"{digest.name}:{digest.hexdigest()}"


def _signature_fault(signed: Any, stated: str) -> tuple[str | None, str | None]:
    """Return the fingerprint of who signed, and what is wrong with the signature."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  imported when it is needed
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    if not isinstance(signed, dict) or "publicKey" not in signed:
        return None, "it is signed by a domain's certificate, which is not checked here"
    try:
        public, raw = (
            base64.b64decode(signed["publicKey"], validate=True),
            base64.b64decode(signed["signature"], validate=True),
        )
        key = load_der_public_key(public)
    except (ValueError, TypeError, KeyError) as error:
        return None, f"its signature cannot be read: {error}"
    signer = hashlib.sha256(public).hexdigest()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp384r1" or len(raw) != 2 * _COORDINATE:
        return signer, "its signature is of another kind than ECDSA over P-384"
    if signed.get("hash") != stated:
        return signer, "what is signed is another list than the package's"
    numbers = (int.from_bytes(raw[:_COORDINATE]), int.from_bytes(raw[_COORDINATE:]))
    try:
        key.verify(encode_dss_signature(*numbers), stated.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return signer, "its signature is not that of its key"
    return signer, None


# --- Taking captures along: the merged index of a month, and a WACZ of the articles that somebody chose --------------
# articles ─▶ their WARCs ─▶ + the WARCs that their revisits refer to ─▶ archive.warc.wacz.pack
# manifests of a month ─▶ sorted indexes ─▶ merged a hundred at a time ─▶ lines

AT_ONCE = 100  # open streams; a busy month of one outlet has several hundred segments

Place = tuple[str, str]  # outlet, file name of the WARC

_LONGEST_CRAWL = timedelta(days=1)  # from the segment of a page to that of its pictures
_STYLE = re.compile(r"\.css\b")
_NAMED = re.compile(
    r"""(?:\b(?:href|src|poster)\s*=\s*|url\(\s*|@import\s+)["']?([^"'\s<>()]+)|\bsrcset\s*=\s*["']([^"'>]+)""",
    re.IGNORECASE,
)


def month_index(archive: Archive, outlet: str, month: str) -> Iterator[bytes]:
    """Yield the sorted index lines of all captures of an outlet in a crawl month (``yyyy-mm``), with line ends.

    Raises:
        ValueError: that is no month.
    """
    if len(month) != len("yyyy-mm") or not month.replace("-", "", 1).isdigit():
        raise ValueError(f"a month is written yyyy-mm, not {month!r}")
    manifests = archive.manifests(outlet, since=f"{month}-01", until=f"{month}-31")
    items = (manifest.by_kind["cdxj"] for manifest in manifests if "cdxj" in manifest.by_kind)
    with ExitStack() as stack:
        parts = []
        while some := list(islice(items, AT_ONCE)):
            part = stack.enter_context(tempfile.TemporaryFile())
            part.writelines(merged(lines_of_object(archive.store, item) for item in some))
            part.seek(0)
            parts.append(part)
        yield from _shown(archive, merged(parts))


def pack_articles(
    archive: Archive,
    articles: Iterable[Article],
    out: IO[bytes],
    about: Mapping[str, str],
    key: SigningKey | None = None,
) -> int:
    """Write a WACZ of chosen articles and return how many pages it lists.

    The WARCs go in whole, with all that the crawl captured beside these articles, and so do those of their pictures, those in which the
    same crawl has styles, fonts and pictures that the pages name, and those that hold the originals of revisits. The chosen articles are
    held in memory, the WARCs are not.
    """
    pages, places, chosen = [], dict[Place, None](), list(articles)
    for article in chosen:
        if article.warc is not None:
            pages.append(
                Page(url=article.url, captured=article.captured, title=article.headline, text=article.text or None)
            )
            pointers = [article.warc, *(image.warc for image in article.images if image.warc is not None)]
            places.update(((article.outlet, _file_of(archive, article.outlet, pointer)), None) for pointer in pointers)
    index = {place: _index_of(archive, place) for place in places}
    for place in _of_needs(archive, chosen, index):
        index[place] = _index_of(archive, place)
    for place in _of_originals(archive, index):
        index[place] = _index_of(archive, place)
    lines = sorted(line for group in index.values() for line in group)
    with ExitStack() as stack:
        warcs = ((file, stack.enter_context(_opened(archive, outlet, file))) for outlet, file in index)
        pack(out, warcs=warcs, index=lines, pages=pages, about=dict(about), key=key)
    return len(pages)


def _index_of(archive: Archive, place: Place) -> list[bytes]:
    outlet, file = place
    lines = lines_of_object(archive.store, _item(archive, outlet, file, "cdxj"))
    return [line.rstrip(b"\n") for line in _shown(archive, lines)]


def _item(archive: Archive, outlet: str, file: str, kind: str) -> Item:
    """Return what its manifest says of a WARC, or of the index of one. Raises `Missing`."""
    key = manifest_key(outlet, file.removesuffix(SUFFIXES["warc"]))
    item = archive.listing.read(key).by_kind.get(kind)
    if item is None:
        raise Missing(f"{key} lists no {kind}")
    return item


def _file_of(archive: Archive, outlet: str, pointer: RecordPointer) -> str:
    """Return the name of the WARC that holds a capture, should its own have been joined with others and removed."""
    if archive.store.stat(warc_key(outlet, pointer.file)) is not None:
        return pointer.file
    return archive.whereabouts(outlet, pointer).file


def _shown(archive: Archive, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the index lines of captures that were taken down."""
    return (line for line in lines if not archive.taken_down.hides_entry(_fields(line)))


@contextmanager
def _opened(archive: Archive, outlet: str, file: str) -> Iterator[IO[bytes]]:
    """Open a WARC, with a stub in the place of every record that was taken down."""
    taken = archive.taken_down

    def is_hidden(record: StoredRecord) -> bool:
        return record.id in taken.records or taken.hides_url(record.field("WARC-Target-URI") or "")

    with opened_object(archive.store, _item(archive, outlet, file, "warc")) as copy:
        if taken:
            for offset, stub in list(patches(copy, is_hidden, "hidden")):
                copy.seek(offset)
                copy.write(stub)
            copy.seek(0)
        yield copy


def _of_needs(archive: Archive, articles: Iterable[Article], index: Mapping[Place, list[bytes]]) -> list[Place]:
    """Return the WARCs, not among these, in which the crawls of these have what the articles' pages or their styles name.

    Pictures and styles are captured after the pages: they may stand in a later segment, and those of many pages in one.
    """
    elsewhere = {(place[0], entry["url"]): (place, entry) for place, entry in _beside(archive, index)}
    if not elsewhere:
        return []
    here = {(place[0], entry["url"]): (place, entry) for place, lines in index.items() for entry in map(_fields, lines)}
    known, places = {**elsewhere, **here}, dict[Place, None]()
    for article in articles:
        waiting, seen = [article.url] if article.warc is not None else [], {article.url}
        while waiting:
            url = waiting.pop()
            for address in _addresses(archive, article, url) - seen:
                seen.add(address)
                if (found := known.get((article.outlet, address))) is None:
                    continue
                place, entry = found
                if place not in index:
                    places[place] = None
                if _STYLE.search(address) or entry["status"] in REDIRECTS:
                    waiting.append(address)
    return list(places)


def _beside(archive: Archive, index: Mapping[Place, list[bytes]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield what is no page in the other WARCs of these crawls: where it stands, and its index entry."""
    for outlet in {place[0] for place in index}:
        names = [file.removesuffix(SUFFIXES["warc"]) for other, file in index if other == outlet]
        crawls = {archive.listing.read(manifest_key(outlet, name)).crawl for name in names}
        first, last = min(map(date_of, names)), date.fromisoformat(max(map(date_of, names))) + _LONGEST_CRAWL
        for manifest in archive.manifests(outlet, since=first, until=last):
            item, place = manifest.by_kind.get("cdxj"), (outlet, f"{manifest.segment}{SUFFIXES['warc']}")
            if manifest.crawl in crawls and item is not None and place not in index:
                entries = map(_fields, _shown(archive, lines_of_object(archive.store, item)))
                yield from (
                    (place, entry) for entry in entries if entry["mime"] != "text/html" or entry["status"] in REDIRECTS
                )


def _addresses(archive: Archive, article: Article, url: str) -> set[str]:
    """Return the addresses that a page or a style sheet names, or to which a redirect leads; none where it cannot be read."""
    try:
        capture = archive.capture(article) if url == article.url else archive.capture(url, outlet=article.outlet)
        content = capture.content().decode(errors="replace")
    except (Unreadable, StoreError):
        return set()
    names = [name for plain, several in _NAMED.findall(content) for name in (plain, *several.replace(",", " ").split())]
    named = [html.unescape(name) for name in names if name and not name.startswith("data:")]
    found = set()
    for name in [*named, *filter(None, [capture.header("Location")])]:
        with suppress(ValueError):  # it is no address
            found.add(urljoin(url, name).partition("#")[0])
    return found


def _of_originals(archive: Archive, index: Mapping[Place, list[bytes]]) -> list[Place]:
    """Return the WARCs, not among these, that hold what revisits in them refer to. Raises `Missing` where one is gone."""
    entries = [_fields(line) for lines in index.values() for line in lines]
    here = {values["record_id"] for values in entries}
    wanted = {values["refers_to"]: values["refers_to_date"] for values in entries if "refers_to" in values}
    places = dict[Place, None]()
    for record_id, moment in wanted.items():
        if record_id not in here:
            place = _place_of(archive, record_id, moment)
            places[place] = None
    return list(places)


def _place_of(archive: Archive, record_id: str, date: str) -> Place:
    outlet, pointer = find_record(archive, record_id, date)
    return outlet, pointer.file


def _fields(line: bytes) -> dict[str, Any]:
    return read_entry(line)
