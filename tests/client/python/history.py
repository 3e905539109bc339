"""Keeps versions of a value, and copies of all data, in the server at the port of
argument one, whose data directory is argument two."""

import json
import sys
import tarfile
from pathlib import Path

import redis


def fields(reply):
    """A map of a reply of names and values."""
    if isinstance(reply, dict):
        return {k.decode(): v for k, v in reply.items()}
    return {reply[i].decode(): reply[i + 1] for i in range(0, len(reply), 2)}


class VersionedStorage:
    def __init__(self, db, key):
        self.db, self.key = db, key

    def save(self, data, message=""):
        return self.db.execute_command("VER.SAVE", self.key, "JSON", json.dumps(data), "MSG", message)

    def load(self, version="HEAD"):
        return json.loads(self.db.execute_command("VER.GET", self.key, version))

    def list_versions(self):
        _, versions = self.db.execute_command("VER.LIST", self.key, "REV")
        return [fields(v) for v in versions]

    def rollback(self, version):
        return json.loads(self.db.execute_command("VER.ROLLBACK", self.key, version, "RETURN", "VALUE"))

    def diff(self, first, second):
        return fields(self.db.execute_command("VER.DIFF", self.key, first, second))


class Backups:
    def __init__(self, db):
        self.db = db

    def create_backup(self, name="backup", *options):
        return self.db.execute_command("SNAP.CREATE", "NAME", name, *options).decode()

    def list_backups(self):
        _, found = self.db.execute_command("SNAP.LIST")
        return [fields(s) for s in found]

    def restore_backup(self, backup):
        return fields(self.db.execute_command("SNAP.RESTORE", backup, "REPLACE"))

    def auto_cleanup(self, keep_days=30):
        return fields(self.db.execute_command("SNAP.PRUNE", "KEEPDAYS", keep_days))["removed"]


def check(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def refused(code, call, *args):
    try:
        call(*args)
    except redis.ResponseError as err:
        assert str(err).startswith(code), err
    else:
        raise AssertionError(f"{args} was accepted")


V1 = {"users": [{"id": 1, "name": "Alice"}]}
V2 = {"users": [{"id": 1, "name": "Alice"}, {"id": 2, "name": "Bob"}], "more": None}


def keep_versions(db):
    storage = VersionedStorage(db, "data/versioned")
    first = storage.save(V1, "Initial version")
    second = storage.save(V2, "Added Bob")
    check([storage.load(first), storage.load(second), storage.load()], [V1, V2, V2])
    listed = storage.list_versions()
    check([(v["version"], v["message"]) for v in listed], [(1, b"Initial version"), (2, b"Added Bob")])
    assert len(listed[0]["hash"]) == 64 and listed[0]["hash"] != listed[1]["hash"], listed
    diff = storage.diff(first, second)
    check((diff["added"], diff["removed"], diff["changed"]), ([b"more"], [], [b"users"]))
    check(storage.rollback(first), V1)
    check(json.loads(db.execute_command("JSON.GET", "data/versioned")), V1)
    check(storage.list_versions()[-1]["message"], b"Rollback to version 1")
    refused("NOTFOUND", storage.load, 99)
    refused("", storage.load, "../../etc/passwd")


def back_up(db, directory):
    copies = Backups(db)
    db.set("settings", "dark")
    db.hset("stats", "visits", 5)
    backup = copies.create_backup("app_state")
    db.set("settings", "light")
    db.delete("stats")
    check(copies.restore_backup(backup)["restored"], 3)
    check((db.get("settings"), db.hgetall("stats")), (b"dark", {b"visits": b"5"}))
    listed = copies.list_backups()
    assert backup.encode() in [s["id"] for s in listed] and all(s["state"] == b"ok" for s in listed), listed
    refused("NOTFOUND", copies.restore_backup, "none")
    refused("NOTFOUND", copies.restore_backup, "../" + backup)
    refused("", copies.create_backup, "../outside")
    check(copies.auto_cleanup(keep_days=7), [])

    # A copy that the tools of Python can read.
    exchange = copies.create_backup("exchange", "FORMAT", "SEED")
    with tarfile.open(Path(directory, "snapshots", exchange + ".tar.gz"), "r:gz") as tar:
        check(sorted(tar.getnames()), ["data.json", "metadata.json"])
        assert json.load(tar.extractfile("metadata.json"))["backup_name"].startswith("exchange"), exchange
        data = json.load(tar.extractfile("data.json"))
    check(data["settings"], "dark")
    db.flushdb()
    check(copies.restore_backup(exchange)["restored"], 3)
    check(db.get("settings"), b"dark")


db = redis.Redis(port=int(sys.argv[1]))
keep_versions(db)
back_up(db, sys.argv[2])
print("ok")
