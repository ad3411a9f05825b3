"""The command line's own manners: help, errors, exit codes, speed of starting."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import focusfit
from focusfit.cli import main as cli
from focusfit.errors import PhotoError


@pytest.fixture
def command(monkeypatch):
    """Makes `focusfit doctor` call a function of the test's."""

    def install(function):
        monkeypatch.setattr(cli, "import_module", lambda *_: SimpleNamespace(doctor=function))

    return install


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"focusfit {focusfit.__version__}\n"


def test_help_names_every_command_and_the_exit_codes(capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(" ".join(words) in text for words in cli.COMMANDS)
    assert "exit codes: 0 every photo gave a face, 1 some did not, 2 nothing could be run" in text
    assert set(cli.SUMMARIES) == {" ".join(words) for words in cli.COMMANDS}


def test_help_is_quick_because_torch_is_not_loaded():
    code = "import sys; from focusfit.cli.main import main; main(['--help']); print('torch' in sys.modules)"
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert time.perf_counter() - begin < 3


def test_group_help_names_its_commands(capsys):
    assert cli.main(["model", "--help"]) == 0
    text = capsys.readouterr().out
    assert "model build" in text
    assert "assets" not in text


@pytest.mark.parametrize("words", ["", "nonsense", "model", "model nonsense", "assets fetch --nonsense"])
def test_wrong_words_end_with_2_and_a_reason(words, capsys):
    assert cli.main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out + captured.err
    assert "Traceback" not in captured.err


def test_every_command_imports_and_has_its_own_help(capsys):
    for words in cli.COMMANDS:
        assert cli.main([*words, "--help"]) == 0
        assert f"usage: focusfit {' '.join(words)}" in capsys.readouterr().out


def test_the_function_s_exit_code_is_the_program_s(command):
    def doctor(code: int) -> int:
        return code

    command(doctor)
    assert [cli.main(["doctor", "--code", str(code)]) for code in (0, 1, 2)] == [0, 1, 2]
    assert cli.main(["doctor", "--code", "many"]) == 2


def test_our_own_errors_are_one_line_and_2(command, capsys):
    def doctor() -> int:
        raise PhotoError("holds no picture", file="a.jpg", remedy="Look at it.")

    command(doctor)
    assert cli.main(["doctor"]) == 2
    assert capsys.readouterr().err == "focusfit: a.jpg: holds no picture. Look at it.\n"


def test_system_errors_are_one_line_and_2(command, capsys, tmp_path):
    def doctor() -> int:
        (tmp_path / "file").write_text("")
        (tmp_path / "file" / "below").mkdir()
        return 0

    command(doctor)
    assert cli.main(["doctor"]) == 2
    assert capsys.readouterr().err == f"focusfit: {tmp_path / 'file' / 'below'}: Not a directory\n"


def test_names_that_the_terminal_s_encoding_lacks_end_nothing():
    code = "import sys; from focusfit.cli.main import main; sys.exit(main([sys.argv[1]]))"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code, "ä\udce9"], capture_output=True, env=environment, check=False)
    assert done.returncode == 2
    assert b"is not a command" in done.stderr
    code = "from focusfit.cli import main as cli; cli.dispatch = lambda words: print(*words); cli.main(['\xe4\\udce9'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert done.stdout == b"\\xe4\\udce9\n"


def test_ctrl_c_ends_with_130(command, capsys):
    def doctor() -> int:
        raise KeyboardInterrupt

    command(doctor)
    assert cli.main(["doctor"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_stops_early_sees_no_traceback():
    code = "import sys; from focusfit.cli.main import main; sys.exit(main(['assets', 'list']))"
    run = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    run.stdout.close()
    assert "Traceback" not in run.stderr.read()
    run.stderr.close()
    assert run.wait() == 1


def test_python_dash_m_is_the_command():
    done = subprocess.run([sys.executable, "-m", "focusfit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("focusfit ")
