"""S3 as clients and jobs see it: moto's answers over what lasts on disk."""

from __future__ import annotations

import logging
import sqlite3
from threading import RLock
from typing import TYPE_CHECKING, Any

from infra.local.errors import AwsError
from infra.local.s3 import moto_s3, posts, sharing
from infra.local.s3.access import check
from infra.local.s3.answers import disk_trouble, refusal
from infra.local.s3.blobs import Blobs
from infra.local.s3.commits import Change, Commits
from infra.local.s3.index import Index
from infra.local.s3.loading import load_bucket, load_key
from infra.local.s3.recording import Recorder
from infra.local.s3.requests import S3Request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.wrappers import Response

_log = logging.getLogger(__name__)
_READS = {"GET", "HEAD", "OPTIONS"}


class S3:
    """One account's S3; a WSGI application. There can be one a process, for moto is one a process.

    Every change is on disk before it is answered: the bytes first, then one commit to the index.

    Parameters
    ----------
    folder
        Where it all lies; made when absent, else read.
    account
        Whose S3 it is.
    """

    def __init__(self, folder: Path, account: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._account = account
        self._lock = RLock()
        self.blobs = Blobs(folder / "blobs")
        self._index = Index(folder / "index.sqlite")
        self.blobs.sweep(self._index.blobs())
        touched = moto_s3.install(self.blobs, account)
        for bucket in self._index.buckets():
            load_bucket(self._index, bucket, account)
        self._recorder = Recorder(touched, self.blobs, account, self._index.highest())
        self._commits = Commits(self._index, self.blobs, self._undo)

    @property
    def backend(self) -> Any:  # noqa: ANN401 - moto has no types
        """State as moto has it, for reading."""
        return moto_s3.backend(self._account)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = S3Request.of(environ)
        try:
            response = self._checked(request)
        except AwsError as error:
            response = refusal(error, f"/{request.bucket}/{request.key}", head=request.method == "HEAD")
        response.headers.update(sharing.allowed(request, self.backend, request.method))
        return response(request.environ, start_response)

    def put(self, bucket: str, key: str, source: Path | bytes) -> str:
        """Store an object without HTTP; return its version id, ``null`` in an unversioned bucket.

        Raises
        ------
        infra.local.errors.AwsError
            ``InternalError`` when the disk is full.
        FileNotFoundError
            When the source is not there.
        """
        try:
            blob = self.blobs.add(source)
            with self._lock:
                self._recorder.begin()
                try:
                    entry = self.backend.put_object(bucket, key, blob)
                except BaseException:
                    self.blobs.remove(blob.name)
                    raise
                change = self._submit(self._recorder.change())
            self._commits.settle(change)
        except FileNotFoundError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise disk_trouble(error, self._folder) from error
        return str(entry.version_id)

    def close(self) -> None:
        """Commit what was begun, and close the files."""
        self._commits.close()
        self._index.close()

    def _checked(self, request: S3Request) -> Response:
        if sharing.is_preflight(request):
            return sharing.preflight(request, self.backend)
        check(request, self.backend)
        return self._answer(posts.checked(request) if posts.is_form(request) else request)

    def _answer(self, request: S3Request) -> Response:
        is_part = "partNumber" in request.query and request.method == "PUT"
        try:
            if request.method in _READS or is_part:
                return moto_s3.dispatch(request.environ, on_bucket=not request.key)
            return self._change(request)
        except (OSError, sqlite3.Error) as error:
            _log.warning("%s /%s/%s: %s", request.method, request.bucket, request.key, error)
            raise disk_trouble(error, self._folder) from error

    def _change(self, request: S3Request) -> Response:
        kept = ""
        if request.method == "PUT" and not request.key:
            kept, request = request.kept()
        with self._lock:
            self._recorder.begin()
            try:
                response = moto_s3.dispatch(request.environ, on_bucket=not request.key)
            except BaseException:
                self._recorder.revert()
                raise
            if response.status_code >= 400:
                self._recorder.revert()
                return response
            change = self._submit(self._recorder.change(request, kept))
        self._commits.settle(change)
        return response

    def _submit(self, change: Change) -> Change:
        self._commits.submit(change)
        return change

    def _undo(self, lost: list[Change]) -> None:
        """Make memory what the index says again, where changes could not be committed."""
        with self._lock:
            lost.extend(self._commits.waiting())
            buckets = {bucket for change in lost for bucket in change.buckets}
            for bucket in buckets:
                load_bucket(self._index, bucket, self._account)
            for bucket, key in {key for change in lost for key in change.keys}:
                if bucket not in buckets:
                    load_key(self._index, bucket, key, self._account)
