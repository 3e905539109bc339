"""Uses redis-py's commands for JSON against the server at the port of argument
one, with the protocol version of argument two."""

import sys

import redis
from redis.commands.json.path import Path

PORT, PROTOCOL = int(sys.argv[1]), int(sys.argv[2])


def check(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def flat(got):
    """What RESP3 wraps once more, which releases treat differently."""
    return got[0] if len(got) == 1 and isinstance(got[0], list) else got


EXTRA = {"protocol": PROTOCOL} if PROTOCOL != 2 else {}
client = redis.Redis(port=PORT, decode_responses=True, **EXTRA)
json = client.json()

DOC = {"name": "x", "n": 1, "list": [1, 2, 3], "on": True, "in": {"n": 5}}
check(json.set("d", Path.root_path(), DOC), True)
check(json.get("d"), DOC)
check(json.get("d", "$.list"), [[1, 2, 3]])
check(json.get("d", "$.name", "$.n"), {"$.name": ["x"], "$.n": [1]})
check(json.get("none"), None)
check(json.set("d", "$", 1, nx=True), None)
check(json.set("e", "$", {"n": 7}), True)
check(json.mget(["d", "e"], "$.n"), [[1], [7]])
check(flat(json.type("d", "$.list")), ["array"])
check(json.numincrby("d", "$.n", 2), [3])
check(json.numincrby("d", "$.n", 3), [6])
check(json.toggle("d", "$.on"), [False])
check(json.strlen("d", "$.name"), [1])
check(json.strappend("d", "yz", "$.name"), [3])
check(json.arrappend("d", "$.list", 4, {"k": None}), [5])
check(json.arrinsert("d", "$.list", 0, 0), [6])
check(json.arrindex("d", "$.list", 3), [3])
check(json.arrlen("d", "$.list"), [6])
assert json.arrpop("d", "$.list") in ([{"k": None}], ['{"k":null}'])  # releases differ
check(json.arrtrim("d", "$.list", 0, 1), [2])
check(json.objkeys("d", "$.in"), [["n"]])
check(json.objlen("d", "$.in"), [1])
check(json.resp("d", "$.list"), [["[", 0, 1]])
check(json.clear("d", "$.in"), 1)
check(json.delete("d", "$.in"), 1)
check(json.get("d"), {"name": "xyz", "n": 6, "list": [0, 1], "on": False})
check(json.debug("MEMORY", "none"), 0)
check(json.delete("d"), 1)
check(client.exists("d"), 0)
try:
    json.numincrby("none", "$.n", 1)
    raise AssertionError("a missing key was accepted")
except redis.ResponseError as err:
    assert "could not perform this operation on a key that doesn't exist" in str(err), err

pipe = json.pipeline()
pipe.set("p", "$", [1])
pipe.arrappend("p", "$", 2)
pipe.get("p")
check(pipe.execute(), [True, [2], [1, 2]])
print("ok")
