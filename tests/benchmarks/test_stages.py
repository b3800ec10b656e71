"""Every step is timed, for every order."""

from benchmarks import stages


async def test_each_step_takes_time_and_their_sum_is_told() -> None:
    report = await stages.run(commands=600, rounds=2)

    each = [float(report.figures[f"{step}_us"]) for step in stages.STEPS]
    assert min(each) > 0
    assert report.figures["sum_us"] == round(sum(each), 2)
    assert float(report.figures["usual_sum_us"]) > 0
    assert report.missed == []
