"""What a benchmark prints, and its exit code."""

import json

import pytest

from benchmarks.report import Report


@pytest.mark.parametrize(
    "figure,least,code",
    [(12.0, 12.0, 0), (12, 12.0, 0), (11.99, 12.0, 1), (float("nan"), 12.0, 1)],
)
def test_a_figure_below_its_limit_is_told_by_the_exit_code(
    figure: float, least: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("speed", {"ratio": figure, "other": 1}, {"ratio": least})

    assert report.show(as_json=True) == code
    assert json.loads(capsys.readouterr().out)["limits"] == {"ratio": {"least": least, "met": code == 0}}
    assert report.show(as_json=False) == code
    assert ("missed" in capsys.readouterr().out) == bool(code)


def test_json_has_figures_details_and_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    Report("speed", {"per_s": 7}, {}, {"rounds": [1, 2]}).show(as_json=True)

    document = json.loads(capsys.readouterr().out)
    assert (document["per_s"], document["rounds"], document["limits"]) == (7, [1, 2], {})
    assert document["machine"]["cores"] >= 1
