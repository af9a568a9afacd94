"""The files of deploy/ as docs/hosting.md gives them: nginx in front of the app, the service, containers."""

import http.server
import json
import re
import shlex
import subprocess
import threading

import pytest
import yaml

from tests.given import ROOT
from tests.nginx import DEPLOY, in_front
from tests.serving import ask, hosted, required
from tests.strangers import session

# What the examples set beside settings of ours: what SQLAlchemy, s3fs and the image of PostgreSQL read.
OTHERS = {
    *("DATABASE_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    *("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"),
}


class Echo(http.server.BaseHTTPRequestHandler):
    """Stands for ``knobs serve``: says what it was asked, and for whom."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['X-Forwarded-For']}".encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def echo():
    """The address of a server that says what it was asked."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def proxied(planted_path, tmp_path_factory, echo):
    """The app behind nginx with the file of deploy/, but for the ports: (address of nginx, of the app)."""
    required("nginx", "KNOBS_REQUIRE_NGINX")
    folder = tmp_path_factory.mktemp("nginx")
    with hosted(planted_path) as (behind, _), in_front(folder, behind, lists=echo) as url:
        yield url, behind


@pytest.fixture
def url(proxied):
    return proxied[0]


def test_pages_and_sessions_go_through_the_proxy(url):
    status, told, body = ask(url, "/panel?user=1")
    assert status == 200
    assert b'<div id="root">' in body
    assert told["Content-Security-Policy"].count("frame-ancestors") == 1
    assert told.get_all("X-Frame-Options") == ["DENY"]
    with session(url, "panel") as visitor:
        assert len(visitor.board["after"]) == 20


def test_answers_of_the_proxy_itself_bind_the_browser_too(url):
    status, told, _ = ask(url, "/_stcore/metrics")
    assert status == 404
    assert told["X-Frame-Options"] == "DENY"
    assert told["X-Content-Type-Options"] == "nosniff"


def test_nobody_behind_the_proxy_is_taken_for_the_owner(proxied):
    """Not even whoever says so; see also ``test_owner.py``."""
    url, behind = proxied
    for lie in ({}, {"X_Forwarded_For": "127.0.0.1"}, {"X_Real_IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}):
        with session(url, "map", **lie) as visitor:
            assert not visitor.buttons
    with session(behind, "map") as owner:
        assert "Draw the map" in owner.buttons


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("PUT", "/panel", b"x", 403),
        ("POST", "/_stcore/stream", b"x", 405),
        ("POST", "/_stcore/agent/interact", b"{}", 404),
        ("POST", "/_stcore/upload_file/a/b", b"x", 403),
        ("PUT", "/_stcore/upload_file/a/b", b"x" * 1_100_000, 413),
        ("GET", "/panel?dials=" + "a" * 16400, None, 414),
    ],
)
def test_what_the_proxy_refuses(url, method, path, data, status):
    assert ask(url, path, method, data)[0] == status


def test_lists_for_other_programs_have_their_own_server(url):
    assert ask(url, "/api/v1/health", X_Forwarded_For="127.0.0.2")[2] == b"/api/v1/health 127.0.0.1"
    assert ask(url, "/api/v1/lists", "POST", b"x" * 70_000)[0] == 413


def test_whoever_asks_without_pause_is_slowed_down(url):
    assert 429 in {ask(url, "/_stcore/upload_file/a/b", "PUT", b"x")[0] for _ in range(200)}


def test_the_service_is_one(tmp_path):
    """Checked by systemd itself, with another program in the place of the one that is not installed here."""
    systemd = required("systemd-analyze", "KNOBS_REQUIRE_SYSTEMD")
    text = (DEPLOY / "knobs.service").read_text()
    (tmp_path / "knobs.service").write_text(text.replace("/opt/knobs/bin/knobs", "/bin/true"))
    found = subprocess.run([systemd, "verify", str(tmp_path / "knobs.service")], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


def starts(words):
    """(command, port) of what ``words`` start, each of which is one that ``knobs`` knows."""
    import click

    from knobs_core.cli import cli

    program, name, *rest = words
    assert program == "/opt/knobs/bin/knobs"
    command = cli.commands[name]
    known = {flag: one for one in command.params for flag in (*one.opts, *one.secondary_opts)}
    given, _, _ = command.make_parser(click.Context(command)).parse_args(rest)  # raises for what it does not know
    assert len(given) > 1
    return name, int(given.get("port") or known["--port"].default)


def image():
    """{instruction: words} of the container, of those that say what it starts."""
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    return {line.split()[0]: json.loads(line.partition(" ")[2]) for line in lines if re.match("ENTRYPOINT|CMD", line)}


def settings():
    """Names of settings that the code reads."""
    text = "".join(file.read_text() for room in ("knobs_core", "knobs_ui") for file in (ROOT / room).rglob("*.py"))
    return OTHERS | set(re.findall("KNOBS_[A-Z_]+", text))


def health(name):
    """Where a command of ours says that it is well."""
    from knobs_core.service.gate import HEALTH

    return {"app": "/_stcore/health", "serve": HEALTH}[name]


def test_the_service_and_the_container_start_what_there_is():
    text = (DEPLOY / "knobs.service").read_text()
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert starts(shlex.split(line.removeprefix("ExecStart="))) == ("app", 8501)
    assert starts([*image()["ENTRYPOINT"], *image()["CMD"]]) == ("app", 8501)
    extras = re.search(r"/src\[([\w,]+)\]", (DEPLOY / "Containerfile").read_text())[1].split(",")
    assert {f"{extra} = [" for extra in extras} <= set(
        re.findall(r"^\w+ = \[", (ROOT / "pyproject.toml").read_text(), re.M)
    )


def test_the_health_of_the_app_is_told_to_whoever_asks(proxied):
    assert ask(proxied[1], health("app"), Host="10.0.0.7:8501")[0] == 200  # as Kubernetes does


def test_compose_names_what_there_is(tmp_path):
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = document["services"]
    found = {}
    for name, one in services.items():
        assert set(one.get("depends_on", {})) <= set(services)
        assert "healthcheck" in one or name == "proxy"
        if one["image"] != "knobs":
            continue
        words = [*one.get("entrypoint", image()["ENTRYPOINT"]), *one.get("command", [])]
        found[name] = command, port = starts(words)
        assert f"'http://127.0.0.1:{port}{health(command)}'" in one["healthcheck"]["test"][-1]
        assert one["deploy"] == {"replicas": 2}
        assert one["read_only"]
        assert one["volumes"] == ["../my-bundle:/bundle:ro"]
        assert "/bundle" in words
        assert set(one["environment"]) <= settings()
        assert "@database/" in one["environment"]["DATABASE_URL"]
    assert found == {"app": ("app", 8501), "lists": ("serve", 8502)}
    proxy = services["proxy"]
    mounted = dict(volume.removesuffix(":ro").split(":") for volume in proxy["volumes"])
    script = proxy["command"][-1].replace("/etc/nginx", str(tmp_path)).partition("exec nginx")[0]
    for file, there in mounted.items():
        script = script.replace(there, str(DEPLOY / file))
    (tmp_path / "conf.d").mkdir()
    subprocess.run(["sh", "-ec", script], check=True)
    assert "server app:8501;" in (tmp_path / "conf.d" / "default.conf").read_text()
    assert "proxy_pass http://lists:8502;" in (tmp_path / "knobs.d" / "lists.conf").read_text()


def test_kubernetes_names_what_there_is():
    kinds = {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())}
    assert list(kinds) == ["Secret", "Deployment", "Service", "Ingress"]
    deployment, service = kinds["Deployment"]["spec"], kinds["Service"]["spec"]
    pod, labels = deployment["template"]["spec"], deployment["template"]["metadata"]["labels"]
    assert deployment["replicas"] == 2
    assert labels == deployment["selector"]["matchLabels"] == service["selector"]
    assert set(kinds["Secret"]["stringData"]) <= settings()
    volumes, found = {one["name"] for one in pod["volumes"]}, {}
    for one in pod["containers"]:
        words = [*one.get("command", image()["ENTRYPOINT"]), *one.get("args", [])]
        found[one["name"]] = command, port = starts(words)
        assert one["ports"] == [{"containerPort": port}]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert one[probe]["httpGet"] == {"path": health(command), "port": port}
        assert one["securityContext"]["readOnlyRootFilesystem"]
        assert one["envFrom"] == [{"secretRef": {"name": kinds["Secret"]["metadata"]["name"]}}]
        assert {setting["name"] for setting in one["env"]} <= settings()
        assert {mount["name"] for mount in one["volumeMounts"]} == volumes
        assert one["env"][0]["value"] in {mount["mountPath"] for mount in one["volumeMounts"]}
    assert found == {"app": ("app", 8501), "lists": ("serve", 8502)}
    ports = {one["name"]: one["port"] for one in service["ports"]}
    assert ports == {name: port for name, (_, port) in found.items()}
    assert service["sessionAffinity"] == "ClientIP"
    [rule] = kinds["Ingress"]["spec"]["rules"]
    backends = [path["backend"]["service"] for path in rule["http"]["paths"]]
    assert [(one["name"], one["port"]["name"]) for one in backends] == [("knobs", "lists"), ("knobs", "app")]
