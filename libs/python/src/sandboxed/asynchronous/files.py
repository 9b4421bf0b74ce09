"""Files of a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import PathLike

from anyio import Path

from ..answers import answered
from ..errors import NotFoundError
from ..wire.api.files import list_files, make_directory, move_file, remove_file
from ..wire.models.file_entry import FileEntry
from ..wire.models.file_list import FileList
from ..wire.models.imported import Imported
from ..wire.models.make_directory import MakeDirectory
from ..wire.models.move_file import MoveFile
from ..wire.models.written_file import WrittenFile
from ..wire.types import UNSET
from . import waiting
from .client import AsyncClient


class AsyncFiles:
    """Files of a sandbox, also while it sleeps.

    Paths are relative to the app directory; none leads out of it. What is raised for a path that is
    not there is `NotFoundError`.
    """

    def __init__(self, client: AsyncClient, sandbox_id: str) -> None:
        self._client = client
        self._id = sandbox_id

    async def read(self, path: str) -> str:
        """Reads a file as text in UTF-8."""
        return (await self.read_bytes(path)).decode()

    async def read_tagged(self, path: str) -> tuple[str, str]:
        """Reads a file as text in UTF-8, with the tag that `if_match` of a write takes."""
        http = self._client.calls.get_async_httpx_client()
        answer = await http.get(self._content, params={"path": path})
        return answer.content.decode(), answer.headers.get("etag", "")

    async def read_bytes(self, path: str) -> bytes:
        """Reads a file."""
        http = self._client.calls.get_async_httpx_client()
        return (await http.get(self._content, params={"path": path})).content

    @asynccontextmanager
    async def read_stream(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Reads a file piece by piece: `async with files.read_stream(path) as pieces`."""
        async with self._client.streamed(self._content, params={"path": path}) as pieces:
            yield pieces

    async def write(
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
        answer = await self._client.send(
            "PUT",
            self._content,
            params={"path": path},
            content=content.encode() if isinstance(content, str) else content,
            content_type="application/octet-stream",
            headers=conditions,
        )
        return WrittenFile.from_dict(answer.json())

    async def upload(self, source: str | PathLike[str], path: str) -> WrittenFile:
        """Writes a file of this computer's, which is held in memory, to a path of the sandbox."""
        return await self.write(path, await Path(source).read_bytes())

    async def download(self, path: str, target: str | PathLike[str]) -> None:
        """Reads a file piece by piece to a path of this computer. What breaks off leaves nothing."""
        file = Path(target)
        part = file.with_name(f"{file.name}.part")
        try:
            async with self.read_stream(path) as pieces, await part.open("wb") as out:
                async for piece in pieces:
                    await out.write(piece)
            await part.replace(file)
        finally:
            with waiting.undisturbed():
                await part.unlink(missing_ok=True)

    async def list(self, path: str = "", *, recursive: bool = False) -> FileList:
        """What is in a directory: `entries`, and whether they were `truncated` (at 5,000)."""
        return answered(
            await list_files.asyncio(
                self._id,
                client=self._client.calls,
                path=path,
                recursive="true" if recursive else "false",
            )
        )

    async def stat(self, path: str) -> FileEntry | None:
        """What is at a path, among the first 5,000 entries of its directory; None for nothing."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        try:
            entries = (await self.list("/".join(parts[:-1]))).entries
        except NotFoundError as error:
            if error.code == "file_not_found":
                return None
            raise
        return next((entry for entry in entries if entry.path == "/".join(parts)), None)

    async def mkdir(self, path: str) -> None:
        """Makes a directory with those above it; one that is there is fine."""
        await make_directory.asyncio(self._id, client=self._client.calls, body=MakeDirectory(path=path))

    async def move(self, source: str, target: str, *, if_new: bool = False) -> None:
        """Moves a file or directory. A file that is there is replaced, a directory not.

        With `if_new` nothing is: otherwise raises PreconditionFailedError.
        """
        # Left out where it need not be said: an API from before it refuses it.
        body = MoveFile(source, target, replace=False if if_new else UNSET)
        await move_file.asyncio(self._id, client=self._client.calls, body=body)

    async def remove(self, path: str, *, recursive: bool = False) -> None:
        """Removes a file, a link or a directory; one that is not empty only with `recursive`."""
        calls = self._client.calls
        await remove_file.asyncio(self._id, client=calls, path=path, recursive="true" if recursive else "false")

    @asynccontextmanager
    async def download_tar(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """The app directory as tar.gz, piece by piece, without what tools make again."""
        async with self._client.streamed(f"/v1/sandboxes/{self._id}/export") as pieces:
            yield pieces

    async def upload_tar(self, archive: bytes) -> Imported:
        """Unpacks a tar file, plain or gzip, into the app directory. Answers how much that was."""
        answer = await self._client.send(
            "POST",
            f"/v1/sandboxes/{self._id}/import",
            content=archive,
            content_type="application/gzip",
        )
        return Imported.from_dict(answer.json())

    @property
    def _content(self) -> str:
        return f"/v1/sandboxes/{self._id}/files/content"
