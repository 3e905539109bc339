"""Stores typed models as documents of kvd and reads them back, with redis-py.

usage: python3 documents.py [port]
"""

import json
import sys
from dataclasses import asdict, dataclass, field

import redis

TASK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "completed": {"type": "boolean", "default": False},
        "created_at": {"type": "string", "format": "date-time", "x-kvd-default": "now"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": []},
    },
}

USER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "string"},
        "email": {"type": "string", "format": "email", "x-kvd-unique": True},
        "preferences": {"type": "object"},
    },
}


@dataclass
class Task:
    id: str
    title: str
    completed: bool = False
    created_at: str = ""
    tags: list = field(default_factory=list)


@dataclass
class User:
    id: str
    email: str
    preferences: dict = field(default_factory=dict)


@dataclass
class Article:
    id: str
    title: str


class Collection:
    """The documents of one collection, as objects of a class."""

    def __init__(self, db, name, model, schema):
        self.db, self.name, self.model = db, name, model
        db.execute_command("SCHEMA.SET", model.__name__, json.dumps(schema))
        db.execute_command("DOC.CREATE", name, "TYPE", model.__name__, "IDFIELD", "$.id")

    def insert(self, item):
        known = {name: value for name, value in asdict(item).items() if value != ""}
        return self.db.execute_command("DOC.INSERT", self.name, item.id, json.dumps(known))

    def get(self, id):
        text = self.db.execute_command("DOC.GET", self.name, id)
        return None if text is None else self.model(**json.loads(text))

    def find(self, where, **params):
        words = [word for pair in params.items() for word in pair]
        _, rows = self.db.execute_command("DOC.FIND", self.name, "WHERE", where, "PARAMS", len(words), *words)
        return [self.model(**json.loads(row[1])) for row in rows]

    def update(self, id, *operators):
        return self.db.execute_command("DOC.UPDATE", self.name, id, *operators)


def refused(code, call, *args):
    try:
        call(*args)
    except redis.ResponseError as err:
        assert str(err).startswith(code), err
        return
    raise AssertionError(f"{args} was not refused")


def documents(db):
    tasks = Collection(db, "tasks", Task, TASK)
    rev = tasks.insert(Task("task-001", "Complete documentation", tags=["documentation", "priority"]))
    (task,) = tasks.find("@.completed == false && :tag in @.tags", tag="priority")
    assert task.id == "task-001" and task.created_at, task
    tasks.update("task-001", "SET", "$.completed", "true", "IFREV", rev)
    refused("CONFLICT", tasks.update, "task-001", "SET", "$.completed", "false", "IFREV", rev)
    assert tasks.get("task-001").completed
    assert tasks.get("task-009") is None

    users = Collection(db, "users", User, USER)
    users.insert(User("u1", "a@example.com", {"theme": "dark"}))
    refused("DUPLICATE", users.insert, User("u2", "a@example.com"))
    assert [user.id for user in users.find("@.preferences.theme == :theme", theme="dark")] == ["u1"]


def article(db, id, fetch):
    """Returns an article from the cache; of all who miss it, one fetches it."""
    key = f"article:{id}"
    status, value, token, _ = db.execute_command("CACHE.GET", key, "LEASE", 5000, "WAIT", 5000)
    if value is not None:
        return Article(**json.loads(value))
    made = fetch(id)
    db.execute_command("CACHE.SET", key, json.dumps(asdict(made)), "TOKEN", token, "EX", 1800, "TAGS", 1, "articles")
    return made


def cache(db):
    fetched = []

    def fetch(id):
        fetched.append(id)
        return Article(id, "Fetched from DB")

    for _ in range(3):
        assert article(db, "2", fetch) == Article("2", "Fetched from DB")
    assert fetched == ["2"]
    assert db.execute_command("CACHE.INVALIDATE", "TAG", "articles") == 1


if __name__ == "__main__":
    db = redis.Redis(port=int(sys.argv[1]) if len(sys.argv) > 1 else 6379, decode_responses=True)
    documents(db)
    cache(db)
    print("ok")
