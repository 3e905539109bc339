// Runs ioredis with its defaults against the server at the port of argument one.
import assert from "node:assert/strict";
import { Redis } from "ioredis";

const port = Number(process.argv[2]);
const client = new Redis(port, "127.0.0.1");
client.on("error", () => {}); // the connection is cut on purpose below

assert.equal(await client.ping(), "PONG");
assert.equal(await client.set("io:key", "value", "EX", 100), "OK");
assert.equal(await client.get("io:key"), "value");
assert.equal(await client.set("io:key", "other", "NX"), null);
assert.ok((await client.pttl("io:key")) > 99000);
assert.equal(await client.incrby("io:n", 5), 5);
assert.deepEqual(await client.mget("io:key", "io:none", "io:n"), ["value", null, "5"]);

const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
await client.set("io:binary", binary);
assert.deepEqual(await client.getBuffer("io:binary"), binary);

const pipeline = client.pipeline();
for (let i = 0; i < 1000; i++) pipeline.set(`io:scan:${i}`, i);
assert.ok((await pipeline.exec()).every(([err, reply]) => err === null && reply === "OK"));

const found = new Set();
for await (const keys of client.scanStream({ match: "io:scan:*", count: 100 })) keys.forEach((k) => found.add(k));
assert.equal(found.size, 1000);

await assert.rejects(client.call("NOSUCH", "a"), /unknown command/);
await assert.rejects(client.incr("io:key"), /not an integer/);
assert.match(await client.info("server"), /redis_version:7\./);

const id = await client.client("ID");
const other = new Redis(port, "127.0.0.1");
const back = new Promise((resolve) => client.once("ready", resolve));
assert.equal(await other.client("KILL", "ID", id), 1);
await back;
assert.equal(await client.get("io:key"), "value");
assert.notEqual(await client.client("ID"), id);

await Promise.all([client.quit(), other.quit()]);
console.log("ok");
