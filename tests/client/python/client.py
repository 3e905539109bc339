"""Runs redis-py against the server at the port of argument one.

Argument two is the protocol version: 2 means the library's defaults. Argument
three is a unix socket.
"""

import sys

import redis

PORT, PROTOCOL, SOCKET = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def check(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def rejects(fragment, call, *args):
    try:
        got = call(*args)
    except redis.ResponseError as err:
        assert fragment in str(err), f"{err!r} does not say {fragment!r}"
        return
    raise AssertionError(f"{args} was answered {got!r}")


def run(client, other):
    check(client.ping(), True)
    check(client.set("py:key", "value", ex=100), True)
    check(client.get("py:key"), b"value")
    check(client.set("py:key", "other", nx=True), None)
    assert 99000 < client.pttl("py:key") <= 100000
    client.delete("py:n")
    check(client.incrby("py:n", 5), 5)
    check(client.incrbyfloat("py:f", 0), 0.0)
    check(client.mget("py:key", "py:none", "py:n"), [b"value", None, b"5"])
    check(client.mset({"py:a": "1", "py:b": "2"}), True)
    check(client.exists("py:a", "py:b", "py:none"), 2)

    binary = bytes(range(256)) * 500
    client.set("py:binary", binary)
    check(client.get("py:binary"), binary)

    pipe = client.pipeline(transaction=False)
    for i in range(1000):
        pipe.set(f"py:scan:{i}", i)
    check(pipe.execute(), [True] * 1000)
    check(len(set(client.scan_iter("py:scan:*", count=100))), 1000)
    check(client.type("py:key"), b"string")
    check(client.expire("py:a", 50), True)
    assert 0 < client.ttl("py:a") <= 50

    rejects("unknown command", client.execute_command, "NOSUCH", "a")
    rejects("not an integer", client.incr, "py:key")
    rejects("wrong number of arguments", client.execute_command, "GET")
    assert client.info("server")["redis_version"].startswith("7.")
    check(client.config_get("maxmemory")["maxmemory"], "0")
    assert client.client_list()
    check(client.client_setname("tester"), True)
    check(client.client_getname() in ("tester", b"tester"), True)
    assert client.dbsize() > 1000
    assert client.command_count() > 50

    killed = client.client_id()
    check(other.client_kill_filter(_id=killed), 1)
    while any(int(c["id"]) == killed for c in other.client_list()):
        pass  # it goes a moment after the reply
    check(client.get("py:key"), b"value")  # it connects again by itself
    assert client.client_id() != killed


EXTRA = {"protocol": PROTOCOL} if PROTOCOL != 2 else {}
tcp = redis.Redis(port=PORT, **EXTRA)
unix = redis.Redis(unix_socket_path=SOCKET, **EXTRA)
run(tcp, unix)
run(unix, tcp)
rejects("DB index is out of range", redis.Redis(port=PORT, db=99, **EXTRA).ping)
print("ok")
