"""A study in a real browser: all the way on a phone and on a desk, a reload in the middle, and what cannot be seen."""

import pytest

from knobs_core import studies
from knobs_core.publishing import Database, Participants
from tests.browser.driving import frame, serve, still, until, violations, visit
from tests.given import ROOT

pytestmark = pytest.mark.browser
EXAMPLE = ROOT / "examples" / "study.toml"


@pytest.fixture(scope="module")
def invited(demo_path, tmp_path_factory):
    """A server with the example as its study: (its address, who takes part)."""
    home = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNOBS_HOME", str(home))
        patch.setenv("KNOBS_STUDY", str(EXAMPLE))
        patch.delenv("DATABASE_URL", raising=False)
        with Database() as database, serve(demo_path) as url:
            yield url, Participants(database)


def heading(page):
    return page.locator(".st-key-study h1").inner_text()


def go_on(page, button="Next"):
    """Press a button and wait for what follows."""
    page.get_by_role("button", name=button).click()
    still(page)


def fits(page, scheme, width):
    """Whether all is in view from side to side, and readable by everybody."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    frame(page)
    still(page)
    assert violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_from_consent_to_thanks_with_a_reload_in_the_middle(chromium, invited, width, height):
    url, people = invited
    study = studies.read_study(EXAMPLE)
    studies.register(people, study)
    [code] = people.invite(study.id)
    who = people.find(study.id, code).id
    heard = []
    with visit(chromium, url) as page:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda said: heard.append(said)))
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/study?code={code}")
        page.get_by_text("I have read this").wait_for()
        still(page)
        for scheme in ("light", "dark"):
            fits(page, scheme, width)
        assert page.get_by_role("button", name="Begin").is_disabled()
        assert page.locator(".st-key-study").get_attribute("lang") == "en"
        page.get_by_text("I have read this").click()
        still(page)
        go_on(page, "Begin")
        for scheme in ("light", "dark"):
            fits(page, scheme, width)
        for name in ("Pulp Fiction", "The Matrix"):
            page.get_by_role("button", name=name).click()
        page.get_by_role("combobox", name="Any other").fill("mulholland")
        page.get_by_role("option", name="Mulholland Drive").first.click()
        page.keyboard.press("Escape")
        go_on(page)
        steps = studies.steps_of(study, who)
        for at, step in enumerate(steps[1:], start=1):
            assert page.locator(".knobs-steps").inner_text().strip() == f"{at + 1} of {len(steps)}"
            if step.kind == "trial":
                left, right = page.locator(".knobs-pair section").all()
                ends = [one.bounding_box() for one in (left, right)]
                assert ends[0]["y"] == ends[1]["y"]
                assert ends[0]["x"] + ends[0]["width"] <= ends[1]["x"]
                titles = left.locator("b").all_inner_texts()
                assert len(titles) == 8
                assert (titles == right.locator("b").all_inner_texts()) == step.catch
                choice = "No difference" if step.catch else "Left list" if step.left == "a" else "Right list"
            elif step.question.kind == "text":
                page.get_by_role("textbox").fill("Because of <b>the night</b>.")
            else:
                choice = step.question.expect or study.options(step.question)[1]
            if at in (1, 6):
                for scheme in ("light", "dark"):
                    fits(page, scheme, width)
            if at == 2:
                page.reload()
                page.get_by_role("radiogroup").wait_for()
                still(page)
                assert left.locator("b").all_inner_texts() == titles
            if page.get_by_role("radio").count():
                page.get_by_role("radiogroup").get_by_text(choice, exact=True).click()
            go_on(page)
            until(page, lambda at=at: len(people.answers(who)) == at + 1)
            assert page.evaluate("document.activeElement.innerText") == heading(page)  # where those who listen go on
            assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
        assert heading(page) == "Thank you"
        fits(page, "dark", width)
        page.go_back()
        page.goto(f"/study?code={code}")
        page.get_by_role("heading", name="Thank you").wait_for()
        page.get_by_text("Withdraw", exact=True).click()
        still(page)
        fits(page, "light", width)
        [mine] = [one for one in studies.answerers(people, study) if one.participant.id == who]
        assert (mine.why, mine.prefers) == ("", "a")
        go_on(page, "Withdraw and delete my answers")
        assert heading(page) == "You have withdrawn"
        assert people.answers(who) == []
    told = " ".join(one if isinstance(one, str) else one.decode("utf-8", "replace") for one in heard)
    assert "Which list would you rather choose from" in told
    assert "Mulholland" in told
    for word in (who, "spread", study.plan.hypothesis):
        assert word not in told, word
