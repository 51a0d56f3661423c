"""A program that has a network of its own, with a web server at a public address, and runs commands in it.

    unshare --user --map-root-user --net python own_network.py FOLDER

Reads a JSON array of commands, each an array of words, from standard input and runs all of them at once.
Writes a JSON array of their exit status, standard error and seconds. Nothing leaves the machine: the network
has no interface but its own loopback.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from picture_servers import Authority, forever, moves, sends, serving

from bestiary.sample import draw_photo

ADDRESS = "93.184.216.34"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
LONGEST = 120
PAGES = {
    "/panda.jpg": sends(draw_photo("panda", 1, 96)),
    "/moved": moves("/panda.jpg"),
    "/to-metadata": moves("https://169.254.169.254/latest/meta-data/iam/security-credentials/"),
    "/to-here": moves("https://127.0.0.1/panda.jpg"),
    "/to-http": moves(f"http://{ADDRESS}/panda.jpg"),
    "/two-gigabytes": sends(b"\xff\xd8", Content_Length=str(2 * 1000**3)),
    "/endless": forever(b"\xff" * 65536, 0, HEAD + b"\r\n"),
    "/dripping": forever(b".", 0.2, HEAD + b"Content-Length: 1000000\r\n\r\n"),
}


def main() -> None:
    """Serve the pages while the commands run."""
    for words in (["link", "set", "lo", "up"], ["address", "add", f"{ADDRESS}/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)
    authority = Authority.make(Path(sys.argv[1]), ADDRESS)
    commands = json.load(sys.stdin)
    answers = [None] * len(commands)

    def run(number: int) -> None:
        began = time.monotonic()
        done = subprocess.run(
            commands[number],
            env={**os.environ, "SSL_CERT_FILE": str(authority.certificate)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        answers[number] = (done.returncode, done.stderr, time.monotonic() - began)

    with serving(authority, PAGES, (ADDRESS, 443)):
        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(commands))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
