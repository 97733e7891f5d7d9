"""What the connection itself can do to a POST, byte by byte, over TLS as well."""

import contextlib
import datetime as dt
import ipaddress
import os
import socket
import ssl
import struct
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clinic.messaging.channels.courier import Courier, NotSent, Unread

ANSWER = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"sid": "SM1"}'


class Wire:
    """A server that reads one whole request after the other and then does what it was given."""

    def __init__(self, answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer, self.tls, self.requests = answer, tls, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.talk, args=[self.listener.accept()[0]], daemon=True).start()

    def talk(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain:
            link = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            while request := self.read(link):
                self.requests.append(request)
                self.answer(link, plain)

    def read(self, link: socket.socket) -> bytes:
        got = b""
        while b"\r\n\r\n" not in got or not got.endswith(b"a=1"):
            if not (part := link.recv(4096)):
                return b""
            got += part
        return got


@pytest.fixture
def wire():
    made = []

    def start(answer, tls=None):
        made.append(Wire(answer, tls))
        return made[-1]

    yield start
    for one in made:
        one.listener.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of 127.0.0.1, signed by itself: (certificate file, server's context)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tls")
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return str(folder / "cert.pem"), context


def post(url, *, read=0.6, **trusted):
    courier = Courier(connect=0.5, read=read, base_url=url, **trusted)
    return courier, lambda: courier.request("POST", "https://api.example/2010-04-01/Messages.json", data={"a": "1"})


def whole(link, _plain):
    link.sendall(ANSWER)


def test_one_connection_serves_one_post_after_the_other(wire):
    server = wire(whole)
    _courier, send = post(server.url)
    for _time in range(3):
        assert send().status_code == 201
    assert len(server.requests) == 3


LONG = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"


@pytest.mark.parametrize("begin", [LONG[:12], LONG[:30], LONG], ids=["status line", "headers", "body"])
def test_an_answer_that_comes_byte_by_byte_holds_a_sender_no_longer_than_the_timeout(wire, begin):
    went_on = threading.Event()

    def trickle(link, _plain):
        link.sendall(begin)
        for _byte in range(60):
            time.sleep(0.1)
            link.sendall(b"x")
        went_on.set()

    server = wire(trickle)
    _courier, send = post(server.url)
    with pytest.raises(Unread):
        send()
    assert not went_on.is_set()
    assert len(server.requests) == 1


def test_a_slow_answer_that_ends_in_time_is_an_answer(wire):
    def slow(link, _plain):
        for part in (ANSWER[:5], ANSWER[5:40], ANSWER[40:]):
            link.sendall(part)
            time.sleep(0.1)

    _courier, send = post(wire(slow).url, read=5)
    assert send().text == '{"sid": "SM1"}'


@pytest.mark.parametrize(
    "junk", [b"HTTP/1.1 201 Created\r\n\r\nplain text in the middle of TLS", b"\x15\x03\x03\x00\x02\x02\x50"]
)
def test_tls_that_breaks_after_the_post_leaves_it_in_doubt(wire, certificate, junk):
    """The request has been read by the other side: whatever comes then, it may have made the message."""
    path, context = certificate

    def spoil(link, _plain):
        os.write(link.fileno(), junk)  # past the encryption
        time.sleep(0.3)

    server = wire(spoil, context)
    _courier, send = post(server.url, trusted=path)
    with pytest.raises(Unread):
        send()
    assert len(server.requests) == 1


def test_a_certificate_that_is_not_accepted_is_known_to_be_unsent(wire, certificate):
    _path, context = certificate
    server = wire(whole, context)
    _courier, send = post(server.url)
    with pytest.raises(NotSent):
        send()
    assert not server.requests


def test_over_good_tls_it_is_an_answer(wire, certificate):
    path, context = certificate
    _courier, send = post(wire(whole, context).url, trusted=path)
    assert send().status_code == 201


def test_a_proxy_that_the_environment_names_is_used_and_told_who_we_are(wire, monkeypatch):
    proxy = wire(whole)
    monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://us:secret@"))
    _courier, send = post("http://provider.example")
    assert send().status_code == 201
    [request] = proxy.requests
    assert request.startswith(b"POST http://provider.example/2010-04-01/Messages.json HTTP/1.1\r\n")
    assert b"proxy-authorization: basic dXM6c2VjcmV0" in request.replace(b"Proxy-Auth", b"proxy-auth").replace(
        b"Basic", b"basic"
    )


def test_what_a_proxy_exempts_goes_straight(wire, monkeypatch):
    server = wire(whole)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    _courier, send = post(server.url)
    assert send().status_code == 201


def test_what_a_proxy_did_not_pass_on_is_known_to_be_unsent(wire, monkeypatch):
    """It refuses the tunnel: no byte of the request has left."""

    def refuse(link, _plain):
        link.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

    class Tunnel(Wire):
        def read(self, link):
            got = b""
            while not got.endswith(b"\r\n\r\n"):
                if not (part := link.recv(4096)):
                    return b""
                got += part
            return got

    proxy = Tunnel(refuse)
    monkeypatch.setenv("https_proxy", proxy.url)
    _courier, send = post("https://provider.example")
    with pytest.raises(NotSent):
        send()
    assert [line.split(b" ")[0] for line in proxy.requests] == [b"CONNECT"]
    proxy.listener.close()
    with pytest.raises(NotSent):
        send()


def hang_up(_link, plain):
    plain.shutdown(socket.SHUT_RDWR)


def reset(_link, plain):
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(plain.detach())


@pytest.mark.parametrize("end", [hang_up, reset], ids=["closed", "reset"])
@pytest.mark.parametrize("before", [0, 1], ids=["new", "used before"])
@pytest.mark.parametrize("by_proxy", [False, True], ids=["straight", "by a proxy"])
def test_a_connection_that_drops_before_a_byte_of_the_answer_leaves_it_in_doubt(
    wire, monkeypatch, end, before, by_proxy
):
    """The request was read. A connection kept from before is no reason to send it once more either."""
    server = wire(lambda link, plain: whole(link, plain) if len(server.requests) <= before else end(link, plain))
    if by_proxy:
        monkeypatch.setenv("http_proxy", server.url)
    _courier, send = post("http://provider.example" if by_proxy else server.url)
    for _time in range(before):
        send()
    with pytest.raises(Unread):
        send()
    assert len(server.requests) == before + 1


def test_a_connection_that_was_closed_while_nobody_used_it_is_made_anew(wire):
    def once(link, plain):
        whole(link, plain)
        plain.shutdown(socket.SHUT_RDWR)

    server = wire(once)
    _courier, send = post(server.url)
    for _time in range(3):
        assert send().status_code == 201
        time.sleep(0.1)
    assert len(server.requests) == 3


def test_what_drops_inside_a_proxys_tunnel_leaves_it_in_doubt(wire, certificate, monkeypatch):
    path, context = certificate

    class Tunnel(Wire):
        def talk(self, plain):
            asked = b""
            while not asked.endswith(b"\r\n\r\n"):
                asked += plain.recv(4096)
            plain.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            super().talk(plain)

    proxy = Tunnel(hang_up, context)
    monkeypatch.setenv("https_proxy", proxy.url.replace("https", "http"))
    monkeypatch.setenv("no_proxy", "")
    _courier, send = post("https://127.0.0.1:1", trusted=path)
    with pytest.raises(Unread):
        send()
    assert len(proxy.requests) == 1
    proxy.listener.close()


def test_a_greeting_over_tls_that_is_never_answered_is_known_to_be_unsent():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _courier, send = post(f"https://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(NotSent):
            send()
