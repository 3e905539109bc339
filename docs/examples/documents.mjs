// Stores typed models as documents of kvd and reads them back, with node-redis.
//
// usage: node documents.mjs [port]
import assert from "node:assert/strict";
import { createClient } from "redis";

const schemas = {
  Task: {
    type: "object",
    required: ["id", "title"],
    properties: {
      id: { type: "string" },
      title: { type: "string" },
      completed: { type: "boolean", default: false },
      created_at: { type: "string", format: "date-time", "x-kvd-default": "now" },
      tags: { type: "array", items: { type: "string" }, default: [] },
    },
  },
  User: {
    type: "object",
    required: ["id", "email"],
    properties: {
      id: { type: "string" },
      email: { type: "string", format: "email", "x-kvd-unique": true },
      preferences: { type: "object" },
    },
  },
};

/** The documents of one collection. */
class Collection {
  constructor(db, name) {
    this.db = db;
    this.name = name;
  }

  static async create(db, name, type) {
    await db.sendCommand(["SCHEMA.SET", type, JSON.stringify(schemas[type])]);
    await db.sendCommand(["DOC.CREATE", name, "TYPE", type, "IDFIELD", "$.id"]);
    return new Collection(db, name);
  }

  insert(item) {
    return this.db.sendCommand(["DOC.INSERT", this.name, item.id, JSON.stringify(item)]);
  }

  async get(id) {
    return JSON.parse(await this.db.sendCommand(["DOC.GET", this.name, id]));
  }

  async find(where, params = {}) {
    const words = Object.entries(params).flat();
    const reply = await this.db.sendCommand(["DOC.FIND", this.name, "WHERE", where, "PARAMS", String(words.length), ...words]);
    const rows = Array.isArray(reply) ? reply[1] : reply.rows;
    return rows.map((row) => JSON.parse(row[1]));
  }

  update(id, ...operators) {
    return this.db.sendCommand(["DOC.UPDATE", this.name, id, ...operators.map(String)]);
  }
}

async function documents(db) {
  const tasks = await Collection.create(db, "tasks", "Task");
  const rev = await tasks.insert({ id: "task-001", title: "Complete documentation", tags: ["documentation", "priority"] });
  const [task] = await tasks.find("@.completed == false && :tag in @.tags", { tag: "priority" });
  assert.equal(task.id, "task-001");
  await tasks.update("task-001", "SET", "$.completed", true, "IFREV", rev);
  await assert.rejects(tasks.update("task-001", "SET", "$.completed", false, "IFREV", rev), /^\w*:? ?CONFLICT/);
  const stored = await tasks.get("task-001");
  assert.ok(stored.completed && !Number.isNaN(Date.parse(stored.created_at)));

  const users = await Collection.create(db, "users", "User");
  await users.insert({ id: "u1", email: "a@example.com", preferences: { theme: "dark" } });
  await assert.rejects(users.insert({ id: "u2", email: "a@example.com" }), /DUPLICATE/);
  assert.deepEqual((await users.find("@.preferences.theme == :theme", { theme: "dark" })).map((u) => u.id), ["u1"]);
}

/** Returns an article from the cache; of all who miss it, one fetches it. */
async function article(db, id, fetch) {
  const key = `article:${id}`;
  const reply = await db.sendCommand(["CACHE.GET", key, "LEASE", "5000", "WAIT", "5000"]);
  const [value, token] = Array.isArray(reply) ? [reply[1], reply[2]] : [reply.value, reply.token];
  if (value !== null) return JSON.parse(value);
  const made = await fetch(id);
  await db.sendCommand(["CACHE.SET", key, JSON.stringify(made), "TOKEN", token, "EX", "1800", "TAGS", "1", "articles"]);
  return made;
}

async function cache(db) {
  let fetched = 0;
  const fetch = async (id) => ({ id, title: "Fetched from DB", n: ++fetched });
  for (let i = 0; i < 3; i++) assert.equal((await article(db, "2", fetch)).title, "Fetched from DB");
  assert.equal(fetched, 1);
}

const db = await createClient({ url: `redis://127.0.0.1:${process.argv[2] ?? 6379}` }).connect();
await documents(db);
await cache(db);
await db.close();
console.log("ok");
