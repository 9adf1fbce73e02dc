# SPDX-License-Identifier: BSD-2-Clause
"""Marks in the header with Postfix, which counts header fields anew after each that
a filter takes out."""
import os
import subprocess

import lab
import pytest
import test_spf
import zoo
from settings import HOST  # beside zoo's other things
from test_spf import FAR, TRUSTED

CLOSED = zoo.available()
pytestmark = pytest.mark.skipif(bool(CLOSED), reason=f"no Postfix here: {CLOSED}")
RESULTS = "Authentication-Results"
dns = test_spf.dns


class Postfix(zoo.Postfix):
    """Keeps what it accepts on hold; XCLIENT makes clients far away."""

    def configure(self):
        super().configure()
        main = self.folder / "conf/main.cf"
        main.write_text(main.read_text() + """
smtpd_milters = unix:/mnt/guard/milter.sock
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_end_of_data_restrictions = check_client_access static:HOLD
""")

    def held(self):
        """The header of the one message on hold, unfolded, which is removed."""
        hold = self.folder / "queue/hold"
        [file] = lab.wait_for(lambda: list(hold.glob("*")), "a message")
        done = subprocess.run(
            self.inside("/mnt/zoo/usr/sbin/postcat", "-c", "/mnt/lab/conf", "-h",
                        f"/mnt/lab/queue/hold/{file.name}"), capture_output=True, text=True)
        file.unlink()
        return [line for line in done.stdout.replace("\n\t", " ").splitlines() if ": " in line]


@pytest.fixture(scope="module")
def site(dns):
    with test_spf.make(dns, spf="mark") as guard:
        os.chmod(guard.socket, 0o777)  # as a member of its group could
        with Postfix(guard_run=guard.socket.parent) as mta:
            yield mta


def send(mta, client, fields):
    with lab.SmtpSession(mta, "127.0.0.2") as smtp:
        assert smtp.cmd(f"XCLIENT ADDR={client} NAME=[UNAVAILABLE]").code == 220
        smtp.cmd("EHLO client.example")
        codes = [r.code for r in smtp.envelope("<a@soft.spf.test>", f"<root@{HOST}>")]
        assert codes == [250, 250]
        assert smtp.data("".join(f + "\r\n" for f in fields) + "\r\nx\r\n").code == 250
    return mta.held()


def test_marks(site):
    own = HOST
    forged = [f"{RESULTS}: {own}; spf=pass (forged{i})" for i in range(4)]
    kept = [f"{RESULTS}: other.test; spf=pass (kept{i})" for i in range(3)]
    fields = [forged[0], kept[0], forged[1], forged[2], kept[1], "Subject: x", forged[3], kept[2]]
    assert [f for f in send(site, TRUSTED, fields) if f in fields] == fields
    found = send(site, FAR, fields)
    assert [f for f in found if "forged" in f or "kept" in f] == kept
    # above Postfix's own
    names = [f.partition(":")[0] for f in found]
    assert names[:3] == [RESULTS, "Received-SPF", "Received"]
    assert found[0].startswith(f"{RESULTS}: {own}; spf=softfail smtp.mailfrom=a@soft.spf.test")
    assert found[1].startswith("Received-SPF: softfail") and f"client-ip={FAR};" in found[1]
