"""Every promise of the client, against an installation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from sandboxed import (
    ConflictError,
    Connection,
    InvalidRequestError,
    Jobs,
    NotFoundError,
    PreconditionFailedError,
    RunningCommand,
    Sandbox,
    TimedOutError,
)

Make = Callable[..., Sandbox]
WEB = "exec python3 -m http.server 3000 --bind 0.0.0.0"


def status(sandbox: Sandbox) -> str:
    return sandbox.info.status


class Meddling(httpx.BaseTransport):
    """Hands calls on, and does something with each answer."""

    def __init__(self, meddle: Callable[[httpx.Request, httpx.Response], None]) -> None:
        self.inner = httpx.HTTPTransport()
        self.meddle = meddle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        try:
            self.meddle(request, response)
        except BaseException:
            response.close()
            raise
        return response


def test_lives_a_whole_life(make: Make, connection: Connection) -> None:
    sbx = make(name="life", labels={"a_b": "c_d"}, idle_timeout_seconds=600)
    assert status(sbx) == "running"
    assert sbx.info.labels.additional_properties == {"a_b": "c_d"}

    ran = sbx.commands.run('echo "$A_B"; echo bad >&2; exit 3', env={"A_B": "c"})
    assert (ran.exit_code, ran.stdout, ran.stderr) == (3, "c\n", "bad\n")
    ran = sbx.commands.run(["cat", "-"], stdin="in", timeout_seconds=5)
    assert (ran.exit_code, ran.stdout, ran.timed_out) == (0, "in", False)
    assert sbx.commands.run("sleep 60", timeout_seconds=1).timed_out
    assert sbx.commands.background("sleep 600").process_id != ""

    sbx.services.put("web", WEB, port=3000)
    preview = sbx.preview(3000).ready()
    assert preview.url.startswith("http")
    assert [(each.name, each.source) for each in sbx.services.list()] == [("web", "declared")]
    sbx.services.restart("web")
    assert isinstance(sbx.services.logs("web", tail=20), str)
    with pytest.raises(InvalidRequestError):
        sbx.preview(4000)

    sbx.update(idle_timeout_seconds=900, labels={"a_b": None, "e": "f"})
    assert sbx.info.idle_timeout_seconds == 900
    assert sbx.info.labels.additional_properties == {"e": "f"}
    assert (sbx.keepalive(seconds=3600) - datetime.now(UTC)).total_seconds() > 3_500
    assert Sandbox.connect(connection, sbx.id).info.idle_timeout_seconds == 900

    sbx.stop(force=True)
    assert status(sbx) == "stopped"
    with pytest.raises(ConflictError):
        preview.ready()
    sbx.start()
    assert status(sbx) == "running"
    sbx.services.remove("web")
    sbx.purge()
    with pytest.raises(NotFoundError) as caught:
        sbx.refresh()
    assert (caught.value.code, caught.value.status) == ("sandbox_not_found", 404)
    assert caught.value.request_id


def test_reads_and_writes_files_whatever_is_in_them(make: Make, tmp_path: Path) -> None:
    files = make().files
    small = bytes([0, 255, 10, 13])
    assert files.write("a/ä b.bin", small).size == 4
    assert files.read_bytes("a/ä b.bin") == small
    large = b"0123456789abcdef" * 1_048_576
    (tmp_path / "large").write_bytes(large)
    written = files.upload(tmp_path / "large", "large")
    assert (written.size, written.sha256) == (len(large), sha256(large).hexdigest())
    files.download("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large
    with pytest.raises(NotFoundError):
        files.download("none", tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "large"]
    files.remove("large")

    note = files.write("note", "ü")
    assert files.read_tagged("note") == ("ü", note.etag)
    files.write("note", "x", if_match=note.etag)
    with pytest.raises(PreconditionFailedError):
        files.write("note", "y", if_match=note.etag)
    with pytest.raises(PreconditionFailedError):
        files.write("note", "y", if_new=True)
    assert files.read("note") == "x"

    files.mkdir("b/c")
    files.move("a/ä b.bin", "b/c/d")
    found = files.stat("./b/c/d")
    assert found is not None
    assert (found.type_, found.size) == ("file", 4)
    assert files.stat("no/such") is None
    assert {"a", "b", "b/c", "b/c/d"} <= {each.path for each in files.list(recursive=True).entries}
    with files.download_tar() as pieces:
        archive = b"".join(pieces)
    with pytest.raises(ConflictError):
        files.remove("b")
    files.remove("b", recursive=True)
    files.upload_tar(archive)
    assert files.read_bytes("b/c/d") == small


def test_tells_output_once_and_in_order_however_often_it_is_cut(make: Make, cut_url: str) -> None:
    command = make().commands.stream("for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done; echo end >&2; exit 7")
    said = {"stdout": "", "stderr": ""}
    cuts = 0
    for piece in command:
        said[piece.stream] += piece.text
        cuts += int(httpx.post(cut_url).text) > 0
    assert said == {"stdout": "1\n2\n3\n4\n5\n6\n", "stderr": "end\n"}
    assert cuts > 2
    assert command.result().exit_code == 7


def test_makes_one_sandbox_however_often_the_answer_is_lost(make: Make, connection: Connection) -> None:
    lost = 0

    def lose(request: httpx.Request, response: httpx.Response) -> None:
        nonlocal lost
        if request.method == "POST" and lost < 3:
            lost += 1
            raise httpx.ReadError("lost")

    sbx = make(replace(connection, transport=Meddling(lose)), labels={"lost": "yes"})
    assert lost == 3
    assert [each.id for each in Sandbox.list(connection, label="lost:yes")] == [sbx.id]


@pytest.mark.parametrize("at", ["/v1/sandboxes", "/v1/jobs/"])
def test_leaves_no_sandbox_behind_that_is_no_longer_waited_for(connection: Connection, at: str) -> None:
    interrupted = 0

    def interrupt(request: httpx.Request, response: httpx.Response) -> None:
        nonlocal interrupted
        if request.url.path.startswith(at) and interrupted == 0:
            interrupted += 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sandbox.create(replace(connection, transport=Meddling(interrupt)), labels={"left": "yes"})
    until = time.monotonic() + 30
    while next(Sandbox.list(connection, label="left:yes"), None) is not None:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_ends_a_command_in_the_sandbox_when_it_is_interrupted(make: Make) -> None:
    sbx = make()
    running = sbx.commands.stream("echo begun; exec sleep 600")
    assert next(iter(running)).text == "begun\n"
    with pytest.raises(TimedOutError):
        running.result(timeout_seconds=0.5)

    def interrupt(request: httpx.Request, response: httpx.Response) -> None:
        if request.method == "GET":
            raise KeyboardInterrupt

    client = sbx._client.__class__(replace(sbx._client.connection, transport=Meddling(interrupt)))
    with pytest.raises(KeyboardInterrupt):
        RunningCommand(client, running.job_id).result()
    assert Jobs(sbx._client).wait(running.job_id, timeout_seconds=30).status == "cancelled"
    assert sbx.commands.run("pgrep -x sleep").exit_code == 1


def test_stops_at_the_end_of_its_block_whatever_runs_in_it(make: Make, connection: Connection) -> None:
    with make() as sbx:
        sbx.commands.stream("exec sleep 600")
        with pytest.raises(ConflictError):
            sbx.stop()
    assert Sandbox.connect(connection, sbx.id).info.status == "stopped"


def test_keeps_files_of_what_was_deleted_for_the_next_of_its_id(make: Make) -> None:
    first = make()
    first.files.write("kept", "x")
    first.delete()
    assert make(id=first.id).files.read("kept") == "x"


def test_follows_its_own_events_and_the_log_of_a_service(make: Make) -> None:
    sbx = make()
    assert any(each.type == "state" and each.data["to"] == "running" for each in sbx.events())
    sbx.services.put("talk", "for i in 1 2 3; do echo said $i; sleep 0.1; done; sleep 600")
    said = ""
    for text in sbx.services.follow("talk"):
        said += text
        if "said 3" in said:
            break
    assert said.index("said 1") < said.index("said 3")


def test_follows_a_coding_agent_from_its_beginning_to_its_result(make: Make, model_env: dict[str, str]) -> None:
    sbx = make(env=model_env)
    task = sbx.tasks.run("codex", '[[write path=hello.txt content="made by an agent"]] [[done text=finished]]')
    types = [each.type for each in task]
    assert {"status", "tool", "message", "usage"} <= set(types)
    assert types[-1] == "done"
    result = task.result()
    assert (result.status, result.agent_message_final) == ("succeeded", "finished")
    assert [(each.path, each.change) for each in result.files_changed] == [("hello.txt", "added")]
    assert sbx.files.read("hello.txt") == "made by an agent"
    assert [each.id for each in sbx.tasks.list()] == [task.id]
    sbx.tasks.revert(task.id)
    assert sbx.files.stat("hello.txt") is None
