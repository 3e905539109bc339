"""Keeps typed models in the cache of the server at the port of argument one.

A value is computed by one of all who want it; the others wait for that one.
"""

import json
import sys
import threading
from dataclasses import asdict, dataclass
from datetime import timedelta

import redis


@dataclass
class Article:
    id: str
    title: str
    view_count: int = 0


class Cache:
    def __init__(self, db):
        self.db = db

    def get(self, key, model):
        status, value, _, _ = self.db.execute_command("CACHE.GET", key)
        return model(**json.loads(value)) if status in (b"hit", b"stale") else None

    def set(self, key, value, ttl, *options):
        data = json.dumps(asdict(value))
        self.db.execute_command("CACHE.SET", key, data, "PX", ttl // timedelta(milliseconds=1), *options)

    def get_or_set(self, key, model, factory, ttl):
        while True:
            status, value, token, _ = self.db.execute_command("CACHE.GET", key, "LEASE", 5000, "WAIT", 10000)
            if status in (b"hit", b"stale"):
                return model(**json.loads(value))
            if status == b"negative":
                return None
            if status == b"wait":
                continue
            made = factory()
            if made is None:
                self.db.execute_command("CACHE.NEG", key, "TOKEN", token, "PX", 1000)
            else:
                self.set(key, made, ttl, "TOKEN", token, "STALE", 60000, "TAGS", 1, "articles")
            return made

    def invalidate_pattern(self, pattern):
        self.db.execute_command("CACHE.INVALIDATE", "PATTERN", pattern)


def check(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def computed_once(cache, key, result):
    calls, got = [], []

    def factory():
        calls.append(key)
        return result

    def want():
        got.append(cache.get_or_set(key, Article, factory, timedelta(minutes=30)))

    threads = [threading.Thread(target=want) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check(got, [result] * len(threads))
    check(calls, [key])


db = redis.Redis(port=int(sys.argv[1]))
cache = Cache(db)
first = Article("article-1", "Caching with models")
cache.set(f"article:{first.id}", first, timedelta(hours=1))
check(cache.get(f"article:{first.id}", Article), first)
cache.set("brief", first, timedelta(milliseconds=500))
assert 0 < db.pttl("brief") <= 500
computed_once(cache, "article:2", Article("2", "Fetched from DB"))
computed_once(cache, "article:404", None)
cache.invalidate_pattern("article:*")
check(cache.get("article:2", Article), None)
check(db.get("article:article-1"), None)
cache.set("article:2", first, timedelta(hours=1))
check(cache.get("article:2", Article), first)
print("ok")
