"""Starting and ending the command: sentences for what cannot be, and a clean end."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from kreislauf.cli import main
from serving import start


def refused(capsys, *arguments):
    """Run the command, in a thread without the browser's event loop, and return what it says to wrong input."""
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(main, ["app", "--no-open", *arguments]).exception()
    assert isinstance(ended, SystemExit)
    assert ended.code == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_a_port_in_use_is_a_sentence(capsys, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port} is in use" in refused(capsys, "coburg", "--port", str(port), "--cache", str(tmp_path))


def test_another_host_needs_to_be_said_twice(capsys):
    assert "--allow-host" in refused(capsys, "coburg", "--host", "0.0.0.0")


def test_unknown_regions_variants_and_languages_are_refused(capsys, tmp_path):
    cache = ("--port", "0", "--cache", str(tmp_path))
    assert "did you mean 'coburg'?" in refused(capsys, "cobrug", *cache)
    assert "did you mean 'community'?" in refused(capsys, "coburg", "--variants", "comunity", *cache)
    assert "expected de or en" in refused(capsys, "coburg", "--language", "fr", *cache)


@pytest.mark.parametrize("content", ["", "{", json.dumps({"runs": {}}), "\x00\x01"])
def test_a_damaged_results_folder_is_refused_with_a_sentence(capsys, tmp_path, content):
    results = tmp_path / "results"
    results.mkdir()
    (results / "manifest.json").write_text(content, encoding="utf-8")
    said = refused(capsys, "coburg", "--results", str(results), "--port", "0", "--cache", str(tmp_path / "cache"))
    assert str(results) in said


def test_a_folder_that_cannot_be_written_is_refused(capsys, tmp_path):
    place = tmp_path / "file"
    place.write_text("", encoding="utf-8")
    assert str(place) in refused(capsys, "coburg", "--port", "0", "--cache", str(place))


def test_ctrl_c_ends_it_cleanly_even_while_it_computes(tmp_path):
    served = start(tmp_path, "coburg", "--seeds", "40", "--workers", "2")
    assert served.stop() in (0, 130)
    assert "Traceback" not in served.log
