"""A receiver of rollcall's webhooks. It needs only Python:

    ROLLCALL_WEBHOOK_SECRET=whsec_... python3 receiver.py
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("ROLLCALL_WEBHOOK_SECRET", "")
if not SECRET:
    raise SystemExit("ROLLCALL_WEBHOOK_SECRET is not set: set it to the secret of the webhook")
# A secret that is no whsec_ is the key as it stands.
KEY = base64.b64decode(SECRET[6:]) if SECRET.startswith("whsec_") else SECRET.encode()


def verified(headers, body):
    """Whether a request is from a sender who knows the secret, and recent.

    The body must be the bytes that came: JSON that was parsed and written again has another
    signature.
    """
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    # More digits than a time has are refused before int, which takes no more than 4300.
    if not timestamp.isdecimal() or len(timestamp) > 20 or abs(time.time() - int(timestamp)) > 300:
        return False
    want = hmac.new(KEY, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    for entry in headers.get("webhook-signature", "").split():
        version, _, signature = entry.partition(",")
        try:
            given = base64.b64decode(signature, validate=True)
        except ValueError:  # also for letters that are not ASCII
            continue
        if version == "v1" and hmac.compare_digest(given, want):
            return True
    return False


# The same event can come twice. A real receiver remembers the ids in its database, in the
# transaction that does the work.
seen = set()


class Receiver(BaseHTTPRequestHandler):
    timeout = 15

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > 4 << 20:
            return self.answer(413)
        body = self.rfile.read(length)
        if not verified(self.headers, body):
            return self.answer(401)
        try:
            event = json.loads(body)
        except ValueError:
            return self.answer(400)
        event_id = self.headers["webhook-id"]
        if event_id not in seen:
            seen.add(event_id)
            # Here your work begins: put it into a queue of yours.
            print(event_id, event["type"], event["timestamp"], flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    host, _, port = os.environ.get("LISTEN", "127.0.0.1:9000").rpartition(":")
    try:
        server = ThreadingHTTPServer((host, int(port)), Receiver)
    except OSError as err:
        raise SystemExit(
            "%s:%s: %s: stop the program that listens there, or set LISTEN to another host:port and give rollcall that address"
            % (host, port, err.strerror)
        )
    print("listening at http://%s:%d/" % server.server_address, file=sys.stderr, flush=True)
    server.serve_forever()
