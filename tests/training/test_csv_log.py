from __future__ import annotations

from focusfit.training.csv_log import CsvLog


def test_rows_are_appended_and_new_columns_find_a_place(tmp_path):
    log = CsvLog(tmp_path / "log.csv")
    log.append(1, {"loss": 0.1})
    log.append(2, {"loss": 1 / 3, "detail": "a, b"})
    log.append(3, {"detail": 'says "no"'})
    text = 'iteration,loss,detail\n1,0.1,\n2,0.333333333,"a, b"\n3,,"says ""no"""\n'
    assert log.path.read_text() == text
    assert CsvLog(log.path).has(3, {"detail": 'says "no"'})
    assert log.path.read_text() == text


def test_a_half_written_row_and_later_rows_go(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("iteration,loss\n10,0.5\n20,0.25\n30,0.12")  # killed within the third row
    log = CsvLog(path)
    log.append(30, {"loss": 0.125})
    assert path.read_text() == "iteration,loss\n10,0.5\n20,0.25\n30,0.125\n"
    log.take_back(10)
    assert path.read_text() == "iteration,loss\n10,0.5\n"
    log.append(20, {"loss": 0.2})
    assert CsvLog(path).path.read_text() == "iteration,loss\n10,0.5\n20,0.2\n"


def test_a_file_of_something_else_is_written_anew(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("")
    CsvLog(path).append(1, {"loss": 1.0})
    assert path.read_text() == "iteration,loss\n1,1\n"
