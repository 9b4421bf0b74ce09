"""Every promise of the client, against an installation."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from sandboxed import (
    AsyncJobs,
    AsyncRunningCommand,
    AsyncSandbox,
    ConflictError,
    Connection,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    TimedOutError,
)
from sandboxed.asynchronous import waiting

pytestmark = pytest.mark.anyio

Make = Callable[..., Awaitable[AsyncSandbox]]
WEB = "exec python3 -m http.server 3000 --bind 0.0.0.0"


def status(sandbox: AsyncSandbox) -> str:
    return sandbox.info.status


class Meddling(httpx.AsyncBaseTransport):
    """Hands calls on, and does something with each answer."""

    def __init__(self, meddle: Callable[[httpx.Request, httpx.Response], None]) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.meddle = meddle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        try:
            self.meddle(request, response)
        except BaseException:
            await response.aclose()
            raise
        return response


async def test_lives_a_whole_life(make: Make, connection: Connection) -> None:
    sbx = await make(name="life", labels={"a_b": "c_d"}, idle_timeout_seconds=600)
    assert status(sbx) == "running"
    assert sbx.info.labels.additional_properties == {"a_b": "c_d"}

    ran = await sbx.commands.run('echo "$A_B"; echo bad >&2; exit 3', env={"A_B": "c"})
    assert (ran.exit_code, ran.stdout, ran.stderr) == (3, "c\n", "bad\n")
    ran = await sbx.commands.run(["cat", "-"], stdin="in", timeout_seconds=5)
    assert (ran.exit_code, ran.stdout, ran.timed_out) == (0, "in", False)
    assert (await sbx.commands.run("sleep 60", timeout_seconds=1)).timed_out
    assert (await sbx.commands.background("sleep 600")).process_id != ""

    await sbx.services.put("web", WEB, port=3000)
    preview = await sbx.preview(3000).ready()
    assert preview.url.startswith("http")
    assert [(each.name, each.source) for each in await sbx.services.list()] == [("web", "declared")]
    await sbx.services.restart("web")
    assert isinstance(await sbx.services.logs("web", tail=20), str)
    with pytest.raises(InvalidRequestError):
        sbx.preview(4000)

    await sbx.update(idle_timeout_seconds=900, labels={"a_b": None, "e": "f"})
    assert sbx.info.idle_timeout_seconds == 900
    assert sbx.info.labels.additional_properties == {"e": "f"}
    assert (await sbx.keepalive(seconds=3600) - datetime.now(UTC)).total_seconds() > 3_500
    assert (await AsyncSandbox.connect(connection, sbx.id)).info.idle_timeout_seconds == 900

    await sbx.stop(force=True)
    assert status(sbx) == "stopped"
    with pytest.raises(ConflictError):
        await preview.ready()
    await sbx.start()
    assert status(sbx) == "running"
    await sbx.services.remove("web")
    await sbx.purge()
    with pytest.raises(NotFoundError) as caught:
        await sbx.refresh()
    assert (caught.value.code, caught.value.status) == ("sandbox_not_found", 404)
    assert caught.value.request_id


async def test_reads_and_writes_files_whatever_is_in_them(make: Make, tmp_path: Path) -> None:
    files = (await make()).files
    small = bytes([0, 255, 10, 13])
    assert (await files.write("a/ä b.bin", small)).size == 4
    assert await files.read_bytes("a/ä b.bin") == small
    large = b"0123456789abcdef" * 1_048_576
    (tmp_path / "large").write_bytes(large)
    written = await files.upload(tmp_path / "large", "large")
    assert (written.size, written.sha256) == (len(large), sha256(large).hexdigest())
    await files.download("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large
    with pytest.raises(NotFoundError):
        await files.download("none", tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "large"]
    await files.remove("large")

    note = await files.write("note", "ü")
    assert await files.read_tagged("note") == ("ü", note.etag)
    await files.write("note", "x", if_match=note.etag)
    with pytest.raises(PreconditionFailedError):
        await files.write("note", "y", if_match=note.etag)
    with pytest.raises(PreconditionFailedError):
        await files.write("note", "y", if_new=True)
    assert await files.read("note") == "x"

    await files.mkdir("b/c")
    await files.move("a/ä b.bin", "b/c/d")
    with pytest.raises(PreconditionFailedError):
        await files.move("b/c/d", "note", if_new=True)
    found = await files.stat("./b/c/d")
    assert found is not None
    assert (found.type_, found.size) == ("file", 4)
    assert await files.stat("no/such") is None
    assert {"a", "b", "b/c", "b/c/d"} <= {each.path for each in (await files.list(recursive=True)).entries}
    async with files.download_tar() as pieces:
        archive = b"".join([piece async for piece in pieces])
    with pytest.raises(ConflictError):
        await files.remove("b")
    await files.remove("b", recursive=True)
    await files.upload_tar(archive)
    assert await files.read_bytes("b/c/d") == small


async def test_tells_output_once_and_in_order_however_often_it_is_cut(make: Make, cut_url: str) -> None:
    sbx = await make()
    command = await sbx.commands.stream("for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done; echo end >&2; exit 7")
    said = {"stdout": "", "stderr": ""}
    cuts = 0
    async for piece in command:
        said[piece.stream] += piece.text
        cuts += int(httpx.post(cut_url).text) > 0
    assert said == {"stdout": "1\n2\n3\n4\n5\n6\n", "stderr": "end\n"}
    assert cuts > 2
    assert (await command.result()).exit_code == 7


async def test_makes_one_sandbox_however_often_the_answer_is_lost(make: Make, connection: Connection) -> None:
    lost = 0

    def lose(request: httpx.Request, response: httpx.Response) -> None:
        nonlocal lost
        if request.method == "POST" and lost < 3:
            lost += 1
            raise httpx.ReadError("lost")

    sbx = await make(replace(connection, async_transport=Meddling(lose)), labels={"lost": "yes"})
    assert lost == 3
    assert [each.id async for each in AsyncSandbox.list(connection, label="lost:yes")] == [sbx.id]


@pytest.mark.parametrize("at", ["/v1/sandboxes", "/v1/jobs/"])
async def test_leaves_no_sandbox_behind_that_is_no_longer_waited_for(connection: Connection, at: str) -> None:
    interrupted = 0

    def interrupt(request: httpx.Request, response: httpx.Response) -> None:
        nonlocal interrupted
        if request.url.path.startswith(at) and interrupted == 0:
            interrupted += 1
            raise waiting.interruption()

    with pytest.raises(waiting.interruption()):
        await AsyncSandbox.create(replace(connection, async_transport=Meddling(interrupt)), labels={"left": "yes"})
    until = time.monotonic() + 30
    while [each async for each in AsyncSandbox.list(connection, label="left:yes")]:
        assert time.monotonic() < until
        await waiting.sleep(0.2)


async def test_ends_a_command_in_the_sandbox_when_it_is_interrupted(make: Make) -> None:
    sbx = await make()
    running = await sbx.commands.stream("echo begun; exec sleep 600")
    assert (await anext(aiter(running))).text == "begun\n"
    with pytest.raises(TimedOutError):
        await running.result(timeout_seconds=0.5)

    def interrupt(request: httpx.Request, response: httpx.Response) -> None:
        if request.method == "GET":
            raise waiting.interruption()

    client = sbx._client.__class__(replace(sbx._client.connection, async_transport=Meddling(interrupt)))
    with pytest.raises(waiting.interruption()):
        await AsyncRunningCommand(client, running.job_id).result()
    assert (await AsyncJobs(sbx._client).wait(running.job_id, timeout_seconds=30)).status == "cancelled"
    assert (await sbx.commands.run("pgrep -x sleep")).exit_code == 1


async def test_stops_at_the_end_of_its_block_whatever_runs_in_it(make: Make, connection: Connection) -> None:
    async with await make() as sbx:
        await sbx.commands.stream("exec sleep 600")
        with pytest.raises(ConflictError):
            await sbx.stop()
    assert (await AsyncSandbox.connect(connection, sbx.id)).info.status == "stopped"


async def test_keeps_files_of_what_was_deleted_for_the_next_of_its_id(make: Make) -> None:
    first = await make()
    await first.files.write("kept", "x")
    await first.delete()
    assert await (await make(id=first.id)).files.read("kept") == "x"


async def test_follows_its_own_events(make: Make) -> None:
    async for each in (await make()).events():
        if each.type == "state" and each.data["to"] == "running":
            break


async def test_tells_each_line_of_a_service_once_however_often_it_is_cut(make: Make, cut_url: str) -> None:
    sbx = await make()
    await sbx.services.put("talk", "for i in 1 2 3 4 5 6; do echo said $i; sleep 0.3; done; exec sleep 600")
    said = ""
    cuts = 0
    async for text in sbx.services.follow("talk"):
        said += text
        if "said 6" in said:
            await sbx.stop(force=True)
        else:
            cuts += int(httpx.post(cut_url).text) > 0
    assert [line for line in said.splitlines() if line.startswith("said")] == [f"said {n}" for n in range(1, 7)]
    assert cuts > 2


async def test_follows_a_coding_agent_from_its_beginning_to_its_result(make: Make, model_env: dict[str, str]) -> None:
    sbx = await make(env=model_env)
    task = await sbx.tasks.run("codex", '[[write path=hello.txt content="made by an agent"]] [[done text=finished]]')
    types = [each.type async for each in task]
    assert {"status", "tool", "message", "usage"} <= set(types)
    assert types[-1] == "done"
    result = await task.result()
    assert (result.status, result.agent_message_final) == ("succeeded", "finished")
    assert [(each.path, each.change) for each in result.files_changed] == [("hello.txt", "added")]
    assert await sbx.files.read("hello.txt") == "made by an agent"
    assert [each.id async for each in sbx.tasks.list()] == [task.id]
    await sbx.tasks.revert(task.id)
    assert await sbx.files.stat("hello.txt") is None
