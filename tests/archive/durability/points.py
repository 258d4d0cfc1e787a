"""The moments of the protocol at which a process is killed: what has just happened, and where in the code that is.

MODULE:[CLASS.]FUNCTION:call|return|at TEXT:TIMES      `at`: the line of the function with this text is about to run
"""

from __future__ import annotations

WRITING = {
    "the spool is locked, nothing else": "archive.spool.spool:create:call:1",
    "the segment's folder is made, empty": "archive.files:write_whole:call:1",
    "facts.json is half written": "archive.files:write_text:at stream.flush():1",
    "the segment is made, not yet noted": "archive.spool.spool:create:return:1",
    "the segment is noted, no WARC yet": "archive.spool.spool:note_crawl:return:1",
    "the WARC is made, empty": "archive.warc.writer:_add:call:1",
    "the warcinfo is written": "archive.warc.writer:_add:return:1",
    "an exchange is about to be written": "archive.warc.writer:WarcFile.write:call:5",
    "a record is half written": "archive.warc.payload:MemberWriter.flush:call:41",
    "a response is written, its request is not": "archive.warc.writer:_add:return:11",
    "a request is written, its metadata is not": "archive.warc.writer:_add:return:12",
    "an exchange is written, its article line is not": "archive.spool.segment:write_exchange:return:7",
    "an article line is about to be written": "archive.spool.segment:write_article:call:7",
    "an article line is written": "archive.spool.segment:write_article:return:7",
    "a segment is about to be closed": "archive.spool.segment:_close_segment:call:1",
    "a segment's WARC is closed, its notes are not": "archive.spool.segment:_Notes.close:call:1",
    "a segment's files are closed": "archive.spool.spool:move:call:1",
    "a segment is renamed to closed": "archive.spool.spool:move:return:1",
    "the next segment is about to begin": "archive.spool.segment:_begin:call:2",
    "the crawl is about to end": "archive.spool.segment:SegmentWriter.close:call:1",
    "the crawl has ended": "archive.spool.segment:SegmentWriter.close:return:1",
}
SEALING = {
    "sealing begins": "archive.spool.sealing:seal:call:1",
    "the WARC is seen to be what was written": "archive.spool.sealing:_as_noted:return:1",
    "the files are cut to what is whole": "archive.spool.sealing:cut:return:1",
    "the index is half written": "archive.reader.jsonl:pack:at waiting.append(line):20",
    "the index is written": "archive.reader.jsonl:pack:return:1",
    "the articles are packed": "archive.reader.jsonl:pack:return:2",
    "all objects are hashed": "archive.spool.sealing:_item:return:1",
    "all objects are synced": "archive.spool.sealing:_seal:at write_whole(:1",
    "the segment is sealed": "archive.spool.sealing:seal:return:1",
}
PUBLISHING = {
    "publishing begins": "archive.manifests.publisher:deliver:call:1",
    "no object is uploaded": "archive.store.file:put_file:call:1",
    "an object is copied, without its name": "archive.store.file:_name:call:1",
    "an object has its name, not yet confirmed": "archive.store.file:_name:return:1",
    "the WARC is uploaded": "archive.store.file:put_file:return:1",
    "the WARC and the index are uploaded": "archive.store.file:put_file:return:2",
    "all objects are uploaded": "archive.manifests.chain:commit:call:1",
    "the manifest is about to be created": "archive.store.file:create:call:1",
    "the manifest is created": "archive.store.file:create:return:1",
    "the turn to commit is taken": "archive.store.file:replace:return:1",
    "the pointer is about to move": "archive.store.file:replace:call:2",
    "the pointer has moved": "archive.store.file:replace:return:2",
    "the turn to commit is free again": "archive.store.file:replace:return:3",
    "the segment is marked as published": "archive.manifests.publisher:deliver:return:1",
    "the catalog is learning": "archive.catalog.tables:capture_rows:call:1",
    "the catalog has learned": "archive.catalog.__init__:remember:return:1",
    "the segment is about to leave the spool": "archive.spool.spool:remove:call:1",
    "the segment is half deleted": "archive.spool.spool:remove:at shutil.rmtree(going):1",
    "the segment has left the spool": "archive.spool.spool:remove:return:1",
    "the second manifest is created": "archive.store.file:create:return:2",
    "the report waits in the spool": "archive.manifests.publisher:deliver_report:call:1",
    "the report is published": "archive.manifests.publisher:deliver_report:return:1",
}
RECOVERY = {
    "recovery begins": "archive.spool.recovery:_recover_outlet:call:1",
    "the open segment is cut": "archive.spool.sealing:cut:return:1",
    "the records without a line are found": "archive.spool.recovery:_last_open:call:1",
    "the lines are appended": "archive.spool.recovery:run:return:1",
    "the open segment is closed": "archive.spool.spool:move:return:1",
    "the crawl's note is about to go": "archive.spool.spool:note_crawl:call:1",
    "recovery is done": "archive.spool.recovery:_recover_outlet:return:1",
}
BUCKET = {
    "the store's abilities are known, nothing uploaded": "archive.store.upload:run:call:1",
    "an upload is sent, not yet confirmed": "archive.store.upload:_send:return:1",
    "the WARC is confirmed": "archive.store.s3:put_file:return:1",
    "all objects are in the bucket": "archive.manifests.chain:commit:call:1",
    "the manifest is in the bucket": "archive.store.s3:create:return:1",
    "the pointer in the bucket has moved": "archive.store.s3:replace:return:2",
    "the segment is marked": "archive.manifests.publisher:deliver:return:1",
    "a multipart upload is begun": "archive.store.upload:_send_part:call:1",
    "two parts of a multipart upload are sent": "archive.store.upload:_send_part:return:2",
    "a multipart upload is complete": "archive.store.upload:_send_parts:return:1",
}
FAULTS = {
    "500": "the store answers 500",
    "503": "the store answers 503 SlowDown",
    "expired": "the credentials have expired",
    "reset": "the connection breaks in the middle of the upload",
    "lost": "the answer is lost after the success",
    "corrupt": "the body arrives with a byte changed",
    "slow": "the store takes its time",
}
PLACES = {"an object": "/warc/", "the manifest": "/manifests/", "the pointer": "/pointers/", "the report": "/reports/"}
