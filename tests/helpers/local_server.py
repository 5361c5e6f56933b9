"""A server on this machine that answers as it is told, well or badly."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What the server does with one request."""

    body: bytes = b""
    status: int = 200
    promised: int | None = None  # Content-Length, where it is not that of the body
    silence: float = 0.0  # seconds before the body
    chunked: bool = False  # True: a chunked transfer that never ends as it should
    version: str = ""  # entity tag; with one, the rest of the file can be asked for
    end: int = 0  # bytes of the whole file, where this is the rest


@dataclass
class LocalServer:
    """Address of the server, its answers by path, and the requests that came."""

    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)  # the last one is given again and again
    requests: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)  # what was asked for of each, empty: all

    def give(self, path: str, *answers: Answer | bytes) -> str:
        """Set the answers to a path, one after the other, and return its address."""
        self.answers[path] = [Answer(answer) if isinstance(answer, bytes) else answer for answer in answers]
        return f"{self.address}{path}"


def rest(answer: Answer, start: int) -> Answer:
    """What a server sends that is asked for the bytes from there on."""
    if start >= len(answer.body):
        return Answer(b"", 416, version=answer.version)
    return Answer(answer.body[start:], 206, version=answer.version, end=len(answer.body))


@contextmanager
def serving() -> Iterator[LocalServer]:
    """Run a server in a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.requests.append(self.path)
            wanted = self.headers.get("Range", "")
            state.ranges.append(wanted)
            waiting = state.answers.get(self.path, [Answer(b"nothing here", 404)])
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if answer.version and wanted and self.headers.get("If-Range") == answer.version:
                answer = rest(answer, int(wanted.removeprefix("bytes=").removesuffix("-")))
            self.send_response(answer.status)
            if answer.version:
                self.send_header("ETag", answer.version)
            if answer.status == 206:
                self.send_header("Content-Range", f"{wanted.replace('=', ' ')}{answer.end - 1}/{answer.end}")
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header(
                    "Content-Length", str(len(answer.body) if answer.promised is None else answer.promised)
                )
            self.end_headers()
            self.wfile.flush()
            time.sleep(answer.silence)
            self.close_connection = True
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(answer.body), answer.body) if answer.chunked else answer.body)
            except OSError:  # nobody listens any more
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = LocalServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
