"""A real nginx with the file of deploy/, in front of servers that run already."""

import contextlib
import subprocess

from tests import waiting
from tests.given import ROOT
from tests.serving import free_port, listens, required

DEPLOY = ROOT / "deploy"
WHOLE = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    {paths}
    include {folder}/knobs.conf;
}}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextlib.contextmanager
def in_front(folder, *behind, lists="127.0.0.1:8502", more=""):
    """nginx before replicas of the app: its address.

    lists: where those for other programs are served; more: lines for its server block
    """
    nginx, port = required("nginx", "KNOBS_REQUIRE_NGINX"), free_port()
    replicas = " ".join(f"server {url.removeprefix('http://')};" for url in behind)
    config = (DEPLOY / "nginx.conf").read_text()
    for line, ours in (
        ("listen 80;", f"listen 127.0.0.1:{port}; {more}"),
        ("server 127.0.0.1:8501;", replicas),
        ("include /etc/nginx/knobs.d/*.conf;", f"include {folder}/knobs.d/*.conf;"),
    ):
        assert config.count(line) == 1
        config = config.replace(line, ours)
    (folder / "knobs.conf").write_text(config)
    (folder / "knobs.d").mkdir()
    (folder / "knobs.d" / "lists.conf").write_text((DEPLOY / "lists.conf").read_text().replace("127.0.0.1:8502", lists))
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in PATHS)
    (folder / "nginx.conf").write_text(WHOLE.format(folder=folder, paths=paths))
    command = [nginx, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with subprocess.Popen(command) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            waiting.until(lambda: listens(url))
            yield url
        finally:
            process.terminate()
