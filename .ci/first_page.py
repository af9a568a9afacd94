"""Start the app by a command, wait until it is healthy, pick three titles, and see a board with a list."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from playwright.sync_api import sync_playwright


def main(command: list[str]) -> None:
    """Run the command on a free port, look, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([*command, "--port", str(port)])
    try:
        for _ in range(600):
            if server.poll() is not None:
                sys.exit(f"the app ended with code {server.returncode}")
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
                    assert answer.read() == b"ok"
                break
            except OSError:
                time.sleep(0.2)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            page.goto(address)
            page.locator(".cover").first.wait_for(timeout=120_000)
            for place in range(3):
                page.locator(".cover").nth(place).click()
            page.get_by_role("button", name="Turn your knobs").click()
            page.locator(".board[data-ready=true]").wait_for(timeout=120_000)
            titles = page.locator(".after .title b").all_text_contents()
            browser.close()
        assert len(titles) == 20, titles
        print(f"first page: {address}, a list that begins with {titles[0]}")
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main(sys.argv[1:])
