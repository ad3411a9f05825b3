"""What `focusfit adapt` says; the training itself is tested elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

from focusfit.cli.main import main
from focusfit.training import network_adaptation


def test_names_that_are_no_unicode_are_escaped(tmp_path, monkeypatch, capsys):
    photo, out = (Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/latin\xe9.png", b"/\xe9"))
    photo.touch()
    best = SimpleNamespace(iteration=0, before=1.0, after=1.0)
    kept = SimpleNamespace(best=best)
    faces = SimpleNamespace(left_out=((photo, "no face was found"),))
    result = SimpleNamespace(faces=faces, encoder=kept, segmenter=kept)
    monkeypatch.setattr(network_adaptation, "adapt_networks", lambda *_: result)
    assert main(["adapt", str(photo), "--out", str(out)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"left out: {tmp_path}/latin\\xe9.png: no face was found" in said
    assert f"networks: {tmp_path}/\\xe9" in said
