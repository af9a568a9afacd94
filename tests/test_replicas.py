"""Several replicas of the app behind nginx: whoever comes back finds theirs, and any of them has the same list."""

import contextlib
from urllib.parse import quote

import pytest

from tests.nginx import in_front
from tests.serving import ask, free_port, hosted, required
from tests.strangers import session
from tests.waiting import at_once

TOLD = "add_header X-Replica $upstream_addr;"


def listed(url, link, cookie=""):
    """What a visitor who opens a link sees on the board."""
    with session(url, "panel", link, **({"Cookie": cookie} if cookie else {})) as visitor:
        assert len(visitor.board["after"]) == 20
        return visitor.board["after"]


@pytest.mark.slow
def test_a_link_gives_the_same_list_on_every_replica_and_after_one_is_lost(planted_bundle, planted_path, tmp_path):
    """Both fetch their bundle by its address."""
    required("nginx", "KNOBS_REQUIRE_NGINX")
    knob = next(one for one in planted_bundle.knobs.values() if one.kind == "concept")
    user = planted_bundle.interactions.user_ids[7]
    plain, turned = f"user={user}", f"user={user}&dials={quote(knob.key)}:0.6"
    ports, servers = [free_port(), free_port()], {}
    with contextlib.ExitStack() as all_of_it:

        def start(n):
            begun = hosted(f"file://{planted_path}", port=ports[n], KNOBS_CACHE=str(tmp_path / "cache"))
            servers[ports[n]] = all_of_it.enter_context(begun)[1]

        at_once(start, 2)
        assert len(list((tmp_path / "cache" / "bundles").glob("*/[0-9a-f]*"))) == 1  # one has fetched it
        replicas = [f"http://127.0.0.1:{port}" for port in ports]
        url = all_of_it.enter_context(in_front(tmp_path, *replicas, more=TOLD))
        wanted = listed(replicas[0], turned)
        assert wanted == listed(replicas[1], turned) != listed(replicas[0], plain)

        def replica(cookie):
            return ask(url, f"/panel?{turned}", Cookie=cookie)[1]["X-Replica"]

        met = {}
        while len(met) < 2:  # each visitor is sent to one by chance
            cookie = ask(url, f"/panel?{turned}")[1]["Set-Cookie"].partition(";")[0]
            met[replica(cookie)] = cookie
        assert set(met) == {one.removeprefix("http://") for one in replicas}
        for where, cookie in met.items():
            assert {replica(cookie) for _ in range(5)} == {where}
            assert "Set-Cookie" not in ask(url, "/panel", Cookie=cookie)[1]
            assert listed(url, turned, cookie) == wanted
        lost, left = met
        servers[int(lost.rpartition(":")[2])].kill()
        assert listed(url, turned, met[lost]) == wanted
        assert replica(met[lost]).endswith(left)
