"""How much of an upload is taken in at all. What a file is, whoever asked for it decides."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

LARGEST_FILE, LARGEST_REQUEST = 10 * 1024 * 1024, 80 * 1024 * 1024
"""Bytes of one file, and of all files of one request."""


class Bounded(FileUploadHandler):
    """Drops a file at the byte that makes it too large; the form's other fields, and other files, arrive all the same.

    The names of dropped files are in ``request.too_large``.
    """

    taken = 0

    def new_file(self, *args: Any, **more: Any) -> None:
        super().new_file(*args, **more)
        self.own = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.own += len(raw_data)
        self.taken += len(raw_data)
        if self.own > LARGEST_FILE or self.taken > LARGEST_REQUEST:
            self.request.too_large = [*getattr(self.request, "too_large", []), self.file_name]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
