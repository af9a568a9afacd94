"""Words in a real browser: a sentence becomes chips, chips become dials, and knobs are found by meaning."""

import re

import pytest

from tests.browser.driving import (
    add_knob,
    dials,
    open_panel,
    serve,
    still,
    titles,
    until,
    violations,
    visit,
)

pytestmark = pytest.mark.browser
LESS = "\N{MINUS SIGN}"
FIELD = "Say what you are in the mood for"


def say(page, sentence):
    """Type a sentence, press Enter, and wait until it was read."""
    field = page.get_by_role("textbox", name=FIELD)
    field.fill(sentence)
    field.press("Enter")
    page.locator(".missed", has_text="Reading").wait_for(state="hidden")
    still(page)


def chips(page):
    """What chips say: [(sign, name, amount, words)]."""
    return [
        (
            chip.locator(".sign").inner_text(),
            chip.locator(".which").evaluate("e => e.value ? e.selectedOptions[0].text : e.textContent"),
            float(chip.locator(".much").input_value()),
            re.search("“(.*)”", chip.locator(".origin").inner_text())[1],
        )
        for chip in page.locator(".chip").all()
    ]


def chip(page, name):
    return page.locator(".chip").filter(has=page.get_by_role("spinbutton", name=f"How much {name}", exact=True))


def told(page, **amounts):
    """Wait until the server has these dials, and no others that are turned."""
    expected = {key.replace("_", " "): amount for key, amount in amounts.items()}
    until(page, lambda: {key: amount for key, amount in dials(page).items() if amount} == expected)
    still(page)


def test_a_sentence_becomes_chips_and_chips_become_dials(page):
    open_panel(page)
    rest = titles(page)
    say(page, "very scary, no zombies, like Fargo, snorkelwack")
    assert chips(page) == [
        ("+", "like Fargo", 0.4, "Fargo"),
        (LESS, "Zombie", 1, "zombies"),
        ("+", "Horror", 0.6, "scary"),
    ]
    assert page.locator(".missed").inner_text() == "I found nothing for “snorkelwack”."
    assert titles(page) == rest  # it proposes
    assert dials(page) == {}
    page.get_by_role("button", name="Turn these").click()
    told(page, **{"~608": 0.4, "zombie": -1, "horror": 0.6})
    assert titles(page) != rest
    assert page.get_by_role("slider", name="Zombie", exact=True).get_attribute("aria-valuenow") == "-1"
    assert page.get_by_role("button", name="Turn these").count() == 0
    page.get_by_role("button", name="Undo").click()  # all of them at once
    told(page)
    until(page, lambda: titles(page) == rest)
    until(page, lambda: [amount for _, _, amount, _ in chips(page)] == [0, 0, 0])
    page.get_by_role("button", name="Redo").click()
    told(page, **{"~608": 0.4, "zombie": -1, "horror": 0.6})
    page.get_by_role("button", name="Done").click()
    page.locator(".chip").first.wait_for(state="detached")
    assert page.get_by_role("textbox", name=FIELD).input_value() == ""
    told(page, **{"~608": 0.4, "zombie": -1, "horror": 0.6})  # what was turned stays


def test_chips_are_changed_before_they_are_turned(page):
    open_panel(page)
    add_knob(page, "Heist")
    say(page, "scary, romantic, a western")
    assert [(sign, name) for sign, name, _, _ in chips(page)] == [("+", "Western"), ("+", "Horror"), ("+", "Romance")]
    page.get_by_role("button", name="More of Horror").click()
    sign = page.get_by_role("button", name="Less of Horror")
    assert sign.evaluate("e => e === e.getRootNode().activeElement")  # the hand stays where it was
    chip(page, "Horror").locator(".much").fill("0.75")
    chip(page, "Horror").locator(".much").press("Tab")
    which = page.get_by_label("Knob for “romantic”")
    other = which.locator("option").nth(1)
    key, name = other.get_attribute("value"), other.inner_text()
    which.select_option(key)
    assert key != "romance"
    page.get_by_role("button", name="Without Western").click()
    assert [one[:3] for one in chips(page)] == [(LESS, "Horror", 0.75), ("+", name, 0.4)]
    assert "horror" not in page.url
    page.get_by_role("button", name="Instead of mine").click()
    until(page, lambda: dials(page) == {"horror": -0.75, key: 0.4})


def test_chips_and_knobs_of_the_board_are_two_hands_on_one_dial(page):
    open_panel(page)
    say(page, "scary and funny")
    page.get_by_role("button", name="Turn these").click()
    told(page, horror=0.4, comedy=0.4)
    knob = page.get_by_role("slider", name="Horror", exact=True)
    knob.focus()
    page.keyboard.press("Home")
    told(page, horror=-1, comedy=0.4)
    until(page, lambda: (LESS, "Horror", 1, "scary") in chips(page))
    much = chip(page, "Comedy").locator(".much")
    much.fill("0.2")
    much.press("Enter")
    told(page, horror=-1, comedy=0.2)
    page.get_by_role("button", name="Less of Horror").click()
    told(page, horror=1, comedy=0.2)
    until(page, lambda: knob.get_attribute("aria-valuenow") == "1")
    page.get_by_role("button", name="Without Comedy").click()
    told(page, horror=1)
    which = page.get_by_label("Knob for “scary”")
    key = which.locator("option").nth(1).get_attribute("value")
    which.select_option(key)
    told(page, **{key: 1})


def test_by_keyboard_alone(page):
    open_panel(page)
    page.get_by_role("textbox", name=FIELD).focus()
    page.keyboard.type("less horror")
    page.keyboard.press("Enter")
    page.locator(".chip").wait_for()
    still(page)
    focus = "document.activeElement.shadowRoot?.activeElement ?? document.activeElement"
    stops = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(f"(({focus}).getAttribute('aria-label') || ({focus}).textContent).trim()"))
    assert stops == [
        "Find knobs",
        "Less of Horror; turn round",
        "Knob for “horror”",
        "How much Horror",
        "Without Horror",
        "Turn these",
        "Instead of mine",
        "Discard",
    ]
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # on the sign
    assert chips(page)[0][0] == "+"
    assert page.evaluate(f"({focus}).className") == "sign"
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on "Turn these"
    told(page, horror=0.5)
    assert page.evaluate(f"({focus}).textContent") == "Done"  # where it stood
    page.get_by_role("button", name="Undo").click()
    told(page)
    say(page, "less comedy, horror")
    page.get_by_role("button", name="Without Horror").press("Enter")
    assert page.evaluate(f"({focus}).getAttribute('aria-label')") == "Without Comedy"
    say(page, "less horror")
    page.get_by_role("button", name="Less of Horror").press("Enter")
    page.get_by_role("textbox", name=FIELD).focus()
    page.keyboard.press("Enter")  # the same sentence once more: turn what it says
    told(page, horror=0.5)
    page.get_by_role("textbox", name=FIELD).focus()
    page.keyboard.press("Escape")
    page.locator(".chip").wait_for(state="detached")
    told(page, horror=0.5)
    assert page.evaluate(f"({focus}).getAttribute('aria-label')") == FIELD
    page.keyboard.press("Escape")  # nothing is there any more
    still(page)
    assert page.get_by_role("slider", name="Horror", exact=True).get_attribute("aria-valuenow") == "0.5"


def test_a_sentence_that_says_nothing_of_knobs(page):
    open_panel(page)
    say(page, "snorkelwack")
    assert page.locator(".missed").inner_text() == "I found nothing for “snorkelwack”."
    say(page, "a film please")
    assert page.locator(".missed").inner_text() == "I found no knob in that."
    assert page.locator(".chip").count() == 0
    say(page, "<img src=x onerror=alert(1)> horror \u202eorror")
    assert [name for _, name, _, _ in chips(page)] == ["Horror"]
    assert page.locator(".mood img").count() == 0
    assert "<img" in page.get_by_role("textbox", name=FIELD).input_value()
    page.get_by_role("textbox", name=FIELD).press("Escape")
    assert page.get_by_role("textbox", name=FIELD).input_value() == ""
    assert page.locator(".missed").is_hidden()


def test_the_sentence_is_there_when_the_page_is_come_back_to(page):
    open_panel(page)
    say(page, "less horror")
    page.get_by_role("button", name="Turn these").click()
    told(page, horror=-0.5)
    page.get_by_role("radio", name="Neurons").click()
    still(page)
    assert [one[:3] for one in chips(page)] == [(LESS, "Horror", 0.5)]
    page.get_by_role("link", name="Choose someone else").click()
    page.get_by_text("One user").wait_for()
    still(page)
    page.go_back()
    page.locator(".chip").wait_for()
    still(page)
    assert page.get_by_role("textbox", name=FIELD).input_value() == "less horror"
    assert [one[:3] for one in chips(page)] == [(LESS, "Horror", 0.5)]
    assert page.get_by_role("button", name="Done").is_visible()


def test_knobs_are_found_by_meaning_behind_those_that_are_called_so(page):
    open_panel(page)
    field = page.get_by_role("combobox", name="Add a knob")
    field.fill("scary")
    meant = page.get_by_role("option").filter(has_text="by meaning")
    meant.first.wait_for()
    assert meant.first.locator("b").inner_text() == "Horror"
    meant.first.click()
    page.get_by_role("slider", name="Horror", exact=True).wait_for()
    field.fill("ghost")
    meant.first.wait_for()
    kinds = page.locator(".found [role=option] .kind").all_inner_texts()
    first = kinds.index("by meaning")
    assert first > 0
    assert not [kind for kind in kinds[first:] if kind.startswith(("theme", "neuron"))]  # what is called so comes first
    names = page.locator(".found [role=option] b").all_inner_texts()
    assert names[0].startswith("Ghost")
    assert len(names) == len(set(names)) <= 10
    field.fill("horor")  # a slip of the finger finds it yet
    page.get_by_role("option", name=re.compile("^Horror")).first.wait_for()
    field.fill("qqqqqqq")
    page.locator(".found .none").wait_for()
    still(page)
    assert violations(page) == {}
    field.press("Escape")
    page.locator(".found").wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wcag_aa_by_axe_with_chips(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_panel(page)
    say(page, "very scary, no zombies, like Fargo, snorkelwack")
    assert violations(page) == {}
    page.get_by_role("button", name="Turn these").click()
    told(page, **{"~608": 0.4, "zombie": -1, "horror": 0.6})
    assert violations(page) == {}
    page.get_by_role("combobox", name="Add a knob").fill("frightening")
    page.get_by_role("option").filter(has_text="by meaning").first.wait_for()
    assert violations(page) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_chips_without_scrolling_sideways(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_panel(page)
    long = "zombies robots dinosaurs ghosts pirates vampires heist romance, no war, based on a young adult novel"
    say(page, f"{long}, {'snorkelwack' * 12}")
    assert page.locator(".chip").count() == 8
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = "() => document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"
    assert page.evaluate(wide) <= 0
    for box in (one.bounding_box() for one in page.locator(".chip, .chip > *, .missed").all()):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.fixture(scope="module")
def studio(chromium, demo_path, tmp_path_factory):
    """A server whose visitors on this machine are chiefs, with a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNOBS_HOME", str(tmp_path_factory.mktemp("studio")))
        with serve(demo_path) as url:
            yield url


def test_the_same_over_the_desk_of_a_recipe(chromium, studio):
    with visit(chromium, studio) as page:
        page.goto("/studio")
        page.get_by_role("button", name="New recipe").click()
        page.get_by_role("textbox", name="Headline").fill("In words")
        page.get_by_role("button", name="Begin").click()
        page.locator(".desk[data-ready=true]").wait_for()
        still(page)
        say(page, "very scary, no zombies, snorkelwack")
        assert [one[:3] for one in chips(page)] == [(LESS, "Zombie", 1), ("+", "Horror", 0.6)]
        assert page.locator(".missed").inner_text() == "I found nothing for “snorkelwack”."
        assert page.locator(".desk .knob").count() == 0
        page.get_by_role("button", name="Turn these").click()
        page.get_by_role("slider", name="Horror", exact=True).wait_for()
        page.get_by_text("with changes in hand").wait_for()
        still(page)
        amounts = [one.get_attribute("aria-valuenow") for one in page.get_by_role("slider").all()]
        assert sorted(amounts) == ["-1", "0.6"]
        page.get_by_role("slider", name="Horror", exact=True).focus()
        page.keyboard.press("End")
        until(page, lambda: ("+", "Horror", 1, "scary") in chips(page))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            still(page)
            assert violations(page) == {}
        page.get_by_role("button", name="Undo").click()
        until(page, lambda: ("+", "Horror", 0.6, "scary") in chips(page))
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("slider", name="Horror", exact=True).wait_for(state="detached")
        page.get_by_role("button", name="Done").click()
        page.locator(".chip").first.wait_for(state="detached")
        page.get_by_role("combobox", name="Add a knob").fill("frightening")
        page.get_by_role("option").filter(has_text="by meaning").first.wait_for()
        page.set_viewport_size({"width": 390, "height": 844})
        say(page, "scary, romantic, a western with dinosaurs and pirates")
        wide = "() => document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"
        assert page.evaluate(wide) <= 0
