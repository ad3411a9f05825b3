import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from focusfit.export.naming import LONGEST, RESERVED, FolderNames


def folders(*photos, faces=1):
    names = FolderNames([Path(photo) for photo in photos])
    return [names.folder(index, face) for index in range(len(photos)) for face in range(faces)]


def test_stem_and_further_faces():
    assert folders("p/a.jpg", "p/b c.png", faces=3) == ["a", "a.face2", "a.face3", "b c", "b c.face2", "b c.face3"]


def test_shared_stems_keep_their_extension():
    assert folders("a.jpg", "a.png", "b.jpg") == ["a.jpg", "a.png", "b"]


def test_same_name_in_two_folders_never_shares_a_folder():
    assert folders("x/a.jpg", "y/a.jpg") == ["a.jpg", "a.jpg~2"]


def test_names_that_a_mac_or_windows_disk_would_merge():
    assert len({name.casefold() for name in folders("A.jpg", "a.jpg", "A.PNG")}) == 3
    composed, decomposed = folders("\u00e9.jpg", "e\u0301.png")
    assert (composed, decomposed) == ("\u00e9.jpg", "e\u0301.png")


def test_a_photo_named_like_a_second_face():
    assert folders("a.jpg", "a.face2.jpg", faces=2) == ["a", "a.face2~2", "a.face2", "a.face2.face2"]


def test_the_runs_own_files_and_folders_above_are_never_named():
    assert RESERVED.isdisjoint(folders("manifest.csv.jpg", "..jpg", "...jpg", "report.html.png", ".jpg"))


def test_names_no_terminal_can_show():
    assert folders(os.fsdecode(b"caf\xe9\n.jpg")) == ["caf\\xe9\\x0a"]


def test_endless_names_stay_apart():
    first, second = folders("ü" * 130 + "1.jpg", "ü" * 130 + "2.jpg")
    assert first != second
    assert len(first.encode()) <= LONGEST


@given(st.lists(st.from_regex(r"[aA.~2fce]{1,4}(\.jpg|\.png)", fullmatch=True), min_size=1, max_size=12))
def test_never_twice(photos):
    names = folders(*photos, faces=3)
    assert len({name.casefold() for name in names}) == len(names)
    assert all("/" not in name and name not in RESERVED for name in names)
