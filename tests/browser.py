"""Drives a headless Chromium over its DevTools pipe: opens a page, clicks, types, looks; needs no library.

https://chromedevtools.github.io/devtools-protocol/: JSON messages, each ended by a zero byte, on descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Browser", "browser", "chromium"]

_PATIENCE = 120.0
#: Virtual key codes of the keys that are pressed by name.
_KEYS = {
    "Enter": 13,
    "Escape": 27,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "Tab": 9,
}
_OPTIONS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


def chromium() -> str | None:
    """The program, or nothing."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One open page.

    `requests` are the addresses that were asked for, `blocked` those that the page's policy stopped before, `complaints` what was
    said on its console.
    """

    def __init__(self, sending: int, receiving: int) -> None:
        self._sending = sending
        self._receiving = receiving
        self._buffer = b""
        self._number = 0
        self._session = ""
        self._loaded = False
        self._wanted: dict[str, str] = {}
        self.blocked: list[str] = []
        self.complaints: list[str] = []

    def attach(self) -> None:
        """Make a page and listen to it."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self._call(f"{domain}.enable")

    def open(
        self, url: str, *, width: int = 1440, height: int = 900, dark: bool = False, scale: float = 1
    ) -> None:
        """Open an address and wait until it is loaded."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._loaded = False
        self._wanted.clear()
        self.blocked.clear()
        self.complaints.clear()
        self._call("Page.navigate", url=url)
        while not self._loaded:
            self._receive()

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened, its own the first."""
        return list(self._wanted.values())

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def texts(self, selector: str) -> list[str]:
        """Return what a person reads of each element that is shown."""
        return list(
            self.evaluate(
                f"[...document.querySelectorAll({json.dumps(selector)})].filter((one) => one.offsetParent || "
                "one.open).map((one) => one.innerText.trim())"
            )
        )

    def click(self, selector: str) -> None:
        """Click into the middle of the first element, with the mouse."""
        place = self.evaluate(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)}); "
            "one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect(); "
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        for char in text:
            self._call("Input.dispatchKeyEvent", type="keyDown", text=char, key=char)
            self._call("Input.dispatchKeyEvent", type="keyUp", key=char)

    def press(self, key: str) -> None:
        """Press a key by its name."""
        known: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self._call("Input.dispatchKeyEvent", type="keyDown", **known, **text)
        self._call("Input.dispatchKeyEvent", type="keyUp", **known)

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _call(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                result: Mapping[str, Any] = answer["result"]
                return result

    def _receive(self) -> Mapping[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._receiving], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._receiving, 1 << 16) if ready else b""
            if not data:
                raise AssertionError("the browser does not answer")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: Mapping[str, Any] = json.loads(text)
        parameters = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self._wanted[parameters["requestId"]] = parameters["request"]["url"]
            case "Network.loadingFailed" if parameters.get("blockedReason") == "csp":
                self.blocked.append(self._wanted.pop(parameters["requestId"]))
            case "Log.entryAdded":
                self.complaints.append(parameters["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case _:
                pass
        return message


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile in the folder `profile`; it ends with the block."""
    program = chromium()
    assert program is not None, "requirements/install_system_packages.sh installs chromium"
    to_browser, from_browser = os.pipe(), os.pipe()
    passed = (to_browser[0], from_browser[1])
    # The descriptors have to be 3 and 4.
    script = f'exec "$@" 3<&{passed[0]} 4>&{passed[1]}'
    command = ["bash", "-c", script, "sh", program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    environment = {
        **os.environ,
        "HOME": str(profile),
        "XDG_CONFIG_HOME": str(profile),
        "XDG_CACHE_HOME": str(profile),
    }
    with subprocess.Popen(
        command, pass_fds=passed, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for descriptor in passed:
            os.close(descriptor)
        try:
            page = Browser(to_browser[1], from_browser[0])
            page.attach()
            yield page
        finally:
            process.terminate()
            os.close(to_browser[1])
            os.close(from_browser[0])
