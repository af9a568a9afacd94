"""Steps that can be undone and redone; a drag is one of them."""

from hypothesis import given
from hypothesis import strategies as st

from knobs_ui.state.choice import Choice
from knobs_ui.state.timeline import STEPS, Timeline


def choices(n):
    return [Choice(user_ids=("1",), dials=(("horror", round(0.01 * step, 2)),)) for step in range(n)]


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 40))
def test_undoing_and_redoing_walk_over_all_steps(steps, n_back):
    """Against a list of what was chosen, equal neighbours counting as one."""
    all_of_them = choices(4)
    line, walked = Timeline(all_of_them[0]), [all_of_them[0]]
    for step in steps:
        line = line.step(all_of_them[step])
        if all_of_them[step] != walked[-1]:
            walked.append(all_of_them[step])
    assert [*line.past, line.now] == walked
    back = line
    for done in range(1, n_back + 1):
        back = back.undo()
        assert back.now == walked[max(len(walked) - 1 - done, 0)]
    for _ in range(n_back):
        back = back.redo()
    assert back == line


def test_a_step_after_undoing_forgets_what_was_undone():
    first, second, third = choices(3)
    line = Timeline(first).step(second).undo().step(third)
    assert (line.past, line.now, line.future) == ((first,), third, ())


def test_a_whole_drag_is_one_step():
    first, *moments = choices(6)
    line = Timeline(first)
    for moment in moments[:-1]:
        line = line.step(moment, passing=True)
    line = line.step(moments[-1])
    assert (line.past, line.now, line.passing) == ((first,), moments[-1], False)
    assert line.undo().now == first


def test_only_so_many_steps_are_kept():
    line = Timeline(choices(1)[0])
    for choice in choices(STEPS + 50)[1:]:
        line = line.step(choice)
    assert len(line.past) == STEPS
    assert line.past[-1] == choices(STEPS + 50)[-2]
