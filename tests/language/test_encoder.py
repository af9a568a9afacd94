"""Text as vectors: the encoder that comes along, a model in a folder, and a server, which may be any."""

import contextlib
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from knobs_core.base import ConfigError
from knobs_core.language import encoder
from knobs_core.language.encoder import BATCH, ENDPOINT, FOLDER, KEY, NAMED, Bundled, Endpoint, Folder, chosen_encoder

TEXTS = ["scary at night", "something frightening after dark", "a tax return"]


@pytest.fixture(scope="module")
def bundled():
    return Bundled()


def test_rows_have_length_1_and_near_texts_are_near(bundled):
    rows = bundled.encode(TEXTS)
    assert rows.shape == (3, 512)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
    assert np.array_equal(rows, bundled.encode(TEXTS))
    assert bundled.encode([TEXTS[2]])[0] == pytest.approx(rows[2], abs=1e-5)  # whatever stands beside it


@pytest.mark.parametrize(("one", "other"), [("love story", "Liebesgeschichte"), ("friendship", "Freundschaft")])
def test_languages_meet(bundled, one, other):
    rows = bundled.encode([one, other, "quarterly figures"])
    assert rows[0] @ rows[1] > 0.7 > rows[0] @ rows[2]


def test_no_text_has_no_meaning(bundled):
    rows = bundled.encode(["", " \t\n", "horror"])
    assert not rows[:2].any()
    assert np.linalg.norm(rows[2]) == pytest.approx(1, abs=1e-5)
    assert len(bundled.encode([])) == 0


def test_any_characters_are_encoded(bundled):
    rows = bundled.encode(["\N{CLOWN FACE}", "\u202eabc", "\x00\x01", "<b>=1+1</b>", "שלום", "a" * 3_000, "…!?"])
    assert np.isfinite(rows).all()


def test_two_threads_get_the_same(bundled):
    expected, found = bundled.encode(TEXTS), [None] * 4

    def ask(place):
        found[place] = bundled.encode(TEXTS)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(found))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert all(np.array_equal(rows, expected) for rows in found)


def honest(asked):
    """A vector for each text, as OpenAI's ``/embeddings`` answers, in an order of its own."""
    data = [{"index": place, "embedding": vector(text)} for place, text in enumerate(asked["input"])]
    return {"object": "list", "data": data[::-1], "model": asked["model"]}


def vector(text):
    return [3.0, float(len(text)), -1.0]


@contextlib.contextmanager
def answering(answer, status=200, before=None):
    """A server on this machine: (its address up to /v1, what it was sent). answer: of what was asked, bytes or JSON."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.path, dict(self.headers), asked))
            if before:
                before()
            told = answer(asked)
            told = told if isinstance(told, bytes) else json.dumps(told).encode()
            with contextlib.suppress(OSError):  # nobody waits any more
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", heard
        finally:
            server.shutdown()
            thread.join()


def test_an_endpoint_is_sent_texts_alone_in_batches():
    texts = [f"text {'x' * (place % 7)}" for place in range(2 * BATCH + 3)]
    texts[5] = "  "
    with answering(honest) as (url, heard):
        rows = Endpoint(url + "/", "some-model", "s3cret").encode(texts)
    expected = np.array([vector(text) for text in texts])
    expected[5] = 0
    norms = np.linalg.norm(expected, axis=1, keepdims=True)
    assert rows == pytest.approx(expected / np.where(norms, norms, 1), abs=1e-6)
    assert [len(asked["input"]) for _, _, asked in heard] == [256, 256, 3]
    assert [text for _, _, asked in heard for text in asked["input"]] == [*texts[:5], "-", *texts[6:]]
    for path, headers, asked in heard:
        assert path == "/v1/embeddings"
        assert asked.keys() == {"model", "input"}
        assert asked["model"] == "some-model"
        assert headers["Authorization"] == "Bearer s3cret"
        assert not {"Cookie", "Referer", "From"} & headers.keys()


def test_an_endpoint_without_a_key_is_sent_none():
    with answering(honest) as (url, heard):
        Endpoint(url, "m").encode(["a"])
        assert len(Endpoint(url, "m").encode([])) == 0
    [(_, headers, _)] = heard  # and nothing is asked for nothing
    assert "Authorization" not in headers


def rows_of(*vectors, first=0):
    return {"data": [{"index": first + place, "embedding": one} for place, one in enumerate(vectors)]}


BROKEN = {
    "no JSON": b"<html>welcome</html>",
    "no text": b"\xff\xfe\x00",
    "a list": [],
    "no data": {"error": "s3cret"},
    "data that are none": {"data": "ab"},
    "data without vectors": {"data": [{"index": 0}, {"index": 1}]},
    "data without an order": {"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]},
    "an order of two kinds": {"data": [{"index": 0, "embedding": [1.0]}, {"index": "b", "embedding": [1.0]}]},
    "one place twice": {"data": [{"index": 1, "embedding": [1.0]}, {"index": 1, "embedding": [2.0]}]},
    "places of others": rows_of([1.0], [2.0], first=5),
    "NaN": b'{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1]}]}',
    "infinity": b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1]}]}',
    "what no float holds": rows_of([10**400], [1]),
    "what no short float holds": rows_of([1e300], [1]),
    "texts": rows_of(["a"], ["b"]),
    "nothing": rows_of([None], [None]),
    "too few": rows_of([1.0]),
    "too many": rows_of([1.0], [1.0], [1.0]),
    "of two lengths": rows_of([1.0], [1.0, 2.0]),
    "numbers for rows": rows_of(1.0, 2.0),
    "a deep hole": b"[" * 100_000,
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_answer_that_is_none_is_one_error_without_the_key(what):
    with answering(lambda _: BROKEN[what]) as (url, _):
        refused(url)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_of_the_server_is_one_of_ours(status):
    with answering(honest, status) as (url, _):
        refused(url)


def test_a_slow_server_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(encoder, "PATIENCE", 0.1)
    late = threading.Event()
    with answering(honest, before=lambda: late.wait(10)) as (url, heard):
        refused(url)
        late.set()
    assert len(heard) == 1


def test_nobody_answers():
    with answering(honest) as (url, _):
        pass
    refused(url)


def test_a_key_that_no_header_holds_is_not_repeated():
    with answering(honest) as (url, _):
        refused(url, "s3cret\nX: y")


def refused(url, key="s3cret"):
    """Two texts are asked for, and one error comes of it, which names the address and nothing that is secret."""
    with pytest.raises(ConfigError) as caught:
        Endpoint(url, "m", key).encode(["one", "two"])
    assert f"{url}/embeddings" in str(caught.value)
    assert ENDPOINT in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8000/v1", "file:///etc/passwd", "ftp://x/v1", " http://x"])
def test_an_endpoint_has_an_address(url):
    with pytest.raises(ConfigError, match=ENDPOINT):
        Endpoint(url, "m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of two layers with random weights, as sentence-transformers writes one."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    made = tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "scary", "at", "night", "a", "tax", "return", "-"]
    (made / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(1)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **shape)).save_pretrained(made / "bert")
    BertTokenizerFast(vocab_file=str(made / "vocab.txt")).save_pretrained(made / "bert")
    SentenceTransformer(str(made / "bert"), device="cpu").save(str(made / "own-model"))
    return made / "own-model"


def test_a_folder_of_ones_own(folder):
    own = Folder(folder)
    rows = own.encode(["scary at night", "", "a tax return"])
    assert own.name == "own-model"
    assert rows.shape == (3, 16)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert np.array_equal(rows, Folder(folder).encode(["scary at night", "", "a tax return"]))
    assert len(own.encode([])) == 0


def spoilt(folder, tmp_path, file, content):
    copy = tmp_path / "spoilt"
    shutil.copytree(folder, copy)
    (copy / file).write_bytes(content)
    return copy


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("modules.json", b"{"),
        ("modules.json", b'[{"idx": 0, "name": "0", "path": "", "type": "no.such.Module"}]'),
        ("config.json", b"[]"),
        ("config.json", b'{"model_type": "no such"}'),
        ("model.safetensors", b"nothing"),
        ("tokenizer.json", b"{}"),
    ],
)
def test_a_folder_that_is_spoilt_is_one_error(folder, tmp_path, file, content):
    with pytest.raises(ConfigError, match="spoilt"):
        Folder(spoilt(folder, tmp_path, file, content))


def test_a_folder_that_is_none(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for none in ("missing", "file", "empty"):
        with pytest.raises(ConfigError, match=none):
            Folder(tmp_path / none)


@pytest.fixture
def environment(monkeypatch):
    """The environment without any choice, and no encoder that was chosen before."""
    for name in (FOLDER, ENDPOINT, NAMED, KEY):
        monkeypatch.delenv(name, raising=False)
    chosen_encoder.cache_clear()
    yield monkeypatch
    chosen_encoder.cache_clear()


def test_without_a_choice_it_is_the_one_that_comes_along(environment):
    assert isinstance(chosen_encoder(), Bundled)
    assert chosen_encoder() is chosen_encoder()


def test_an_endpoint_is_chosen_before_a_folder(environment, folder):
    environment.setenv(FOLDER, str(folder))
    with answering(honest) as (url, heard):
        environment.setenv(ENDPOINT, url)
        chosen = chosen_encoder()
        assert (type(chosen), chosen.name) == (Endpoint, "text-embedding")
        chosen_encoder.cache_clear()
        environment.setenv(NAMED, "mine")
        environment.setenv(KEY, "k")
        chosen_encoder().encode(["x"])
    assert heard[0][2]["model"] == "mine"
    assert heard[0][1]["Authorization"] == "Bearer k"


def test_a_folder_is_chosen_by_the_environment(environment, folder, tmp_path):
    environment.setenv(FOLDER, str(folder))
    assert isinstance(chosen_encoder(), Folder)
    chosen_encoder.cache_clear()
    environment.setenv(FOLDER, str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match=FOLDER):
        chosen_encoder()
