"""``docs/api-examples.md`` tells the truth: its lines are run, in their order, against a served installation."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from tests.conftest import in_ci

PAGE = Path(__file__).parents[2] / "docs" / "api-examples.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
PEOPLE = {"HANDLER_TOKEN": "li.na", "RISK_TOKEN": "chen.yu", "FINANCE_TOKEN": "he.jing", "OPS_TOKEN": "xu.ming"}


@pytest.fixture
def served(office):
    """The office at work: served on a port, its cases carried by a worker."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.app, log_config=None, access_log=False, lifespan="off"))
    serving = threading.Thread(target=server.run, args=([listener],))
    serving.start()
    done = threading.Event()

    def carry():
        while not done.wait(0.02):
            office.runner.run_ready()

    carrying = threading.Thread(target=carry)
    carrying.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    done.set()
    carrying.join()
    server.should_exit = True
    serving.join()
    listener.close()


def test_every_line_of_the_page_runs(office, served, tmp_path):
    missing = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]
    if missing:
        reason = f"not installed here: {', '.join(missing)}"
        pytest.fail(reason) if in_ci() else pytest.skip(reason)
    tokens = {name: office.token(who)["authorization"].partition(" ")[2] for name, who in PEOPLE.items()}
    script = "\n".join(["set -euo pipefail", *BLOCKS, "echo the end"])
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "BASE": served, "NO_PROXY": "*", **tokens},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    said = ran.stdout.splitlines()
    assert said[-1] == "the end"
    for told in ("3.1.0", "徐州恒远钢铁贸易有限公司", "content-changed", "not-found", "1000000.00", "version-changed"):
        assert told in said, told
