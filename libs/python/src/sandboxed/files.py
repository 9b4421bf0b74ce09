"""Files of a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .client import Client, answered
from .errors import NotFoundError
from .wire.api.files import list_files, make_directory, move_file, remove_file
from .wire.models.file_entry import FileEntry
from .wire.models.file_list import FileList
from .wire.models.imported import Imported
from .wire.models.make_directory import MakeDirectory
from .wire.models.move_file import MoveFile
from .wire.models.written_file import WrittenFile


class Files:
    """Files of a sandbox, also while it sleeps.

    Paths are relative to the app directory; none leads out of it. What is raised for a path that is
    not there is `NotFoundError`.
    """

    def __init__(self, client: Client, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    def read(self, path: str) -> str:
        """Reads a file as text in UTF-8."""
        return self.read_bytes(path).decode()

    def read_tagged(self, path: str) -> tuple[str, str]:
        """Reads a file as text in UTF-8, with the tag that `if_match` of a write takes."""
        answer = self._client.calls.get_httpx_client().get(self._content, params={"path": path})
        return answer.content.decode(), answer.headers.get("etag", "")

    def read_bytes(self, path: str) -> bytes:
        """Reads a file."""
        http = self._client.calls.get_httpx_client()
        return http.get(self._content, params={"path": path}).content

    @contextmanager
    def read_stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """Reads a file piece by piece: `with files.read_stream(path) as pieces`."""
        with self._client.streamed(self._content, params={"path": path}) as pieces:
            yield pieces

    def write(
        self,
        path: str,
        content: str | bytes,
        *,
        if_match: str | None = None,
        if_new: bool = False,
    ) -> WrittenFile:
        """Writes a file in one step: who reads it sees the old or the new.

        Directories above it are made. Answers its size in bytes, its SHA-256 and its tag.

        With `if_match` only while it is as it was read or written with this tag, with `if_new` only
        what is not there yet; otherwise raises `PreconditionFailedError`. Such a write is made once:
        when its answer is lost, it is not known whether it was done.
        """
        conditions = {} if if_match is None else {"if-match": if_match}
        if if_new:
            conditions["if-none-match"] = "*"
        answer = self._client.send(
            "PUT",
            self._content,
            params={"path": path},
            content=content.encode() if isinstance(content, str) else content,
            content_type="application/octet-stream",
            headers=conditions,
        )
        return WrittenFile.from_dict(answer.json())

    def upload(self, source: str | Path, path: str) -> WrittenFile:
        """Writes a file of this computer's, which is held in memory, to a path of the sandbox."""
        return self.write(path, Path(source).read_bytes())

    def download(self, path: str, target: str | Path) -> None:
        """Reads a file piece by piece to a path of this computer. What breaks off leaves nothing."""
        file = Path(target)
        part = file.with_name(f"{file.name}.part")
        try:
            with self.read_stream(path) as pieces, part.open("wb") as out:
                for piece in pieces:
                    out.write(piece)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def list(self, path: str = "", *, recursive: bool = False) -> FileList:
        """What is in a directory: `entries`, and whether they were `truncated` (at 5,000)."""
        return answered(
            list_files.sync(
                self._id,
                client=self._client.calls,
                path=path,
                recursive="true" if recursive else "false",
            )
        )

    def stat(self, path: str) -> FileEntry | None:
        """What is at a path, among the first 5,000 entries of its directory; None for nothing."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        try:
            entries = self.list("/".join(parts[:-1])).entries
        except NotFoundError as error:
            if error.code == "file_not_found":
                return None
            raise
        return next((entry for entry in entries if entry.path == "/".join(parts)), None)

    def mkdir(self, path: str) -> None:
        """Makes a directory with those above it; one that is there is fine."""
        make_directory.sync(self._id, client=self._client.calls, body=MakeDirectory(path=path))

    def move(self, source: str, target: str) -> None:
        """Moves a file or directory. A file that is there is replaced, a directory not."""
        move_file.sync(self._id, client=self._client.calls, body=MoveFile(source, target))

    def remove(self, path: str, *, recursive: bool = False) -> None:
        """Removes a file, a link or a directory; one that is not empty only with `recursive`."""
        calls = self._client.calls
        remove_file.sync(self._id, client=calls, path=path, recursive="true" if recursive else "false")

    @contextmanager
    def download_tar(self) -> Iterator[Iterator[bytes]]:
        """The app directory as tar.gz, piece by piece, without what tools make again."""
        with self._client.streamed(f"/v1/sandboxes/{self._id}/export") as pieces:
            yield pieces

    def upload_tar(self, archive: bytes) -> Imported:
        """Unpacks a tar file, plain or gzip, into the app directory. Answers how much that was."""
        answer = self._client.send(
            "POST",
            f"/v1/sandboxes/{self._id}/import",
            content=archive,
            content_type="application/gzip",
        )
        return Imported.from_dict(answer.json())

    @property
    def _content(self) -> str:
        return f"/v1/sandboxes/{self._id}/files/content"
