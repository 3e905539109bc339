// Runs node-redis against the server at the port of argument one: once with its
// defaults, once with the protocol version of argument two.
import assert from "node:assert/strict";
import { createClient, RESP_TYPES } from "redis";

const url = `redis://127.0.0.1:${process.argv[2]}`;

async function run(options) {
  const client = createClient({ url, ...options });
  client.on("error", () => {}); // the connection is cut on purpose below
  await client.connect();

  assert.equal(await client.ping(), "PONG");
  assert.equal(await client.set("nr:key", "value", { EX: 100 }), "OK");
  assert.equal(await client.get("nr:key"), "value");
  assert.equal(await client.set("nr:key", "other", { NX: true }), null);
  assert.ok((await client.pTTL("nr:key")) > 99000);
  await client.del("nr:n");
  assert.equal(await client.incrBy("nr:n", 5), 5);
  assert.deepEqual(await client.mGet(["nr:key", "nr:none", "nr:n"]), ["value", null, "5"]);

  const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  await client.set("nr:binary", binary);
  const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  assert.deepEqual(await buffers.get("nr:binary"), binary);

  const replies = await Promise.all(Array.from({ length: 1000 }, (_, i) => client.set(`nr:scan:${i}`, String(i))));
  assert.ok(replies.every((r) => r === "OK"));
  const found = new Set();
  for await (const keys of client.scanIterator({ MATCH: "nr:scan:*", COUNT: 100 })) keys.forEach((k) => found.add(k));
  assert.equal(found.size, 1000);

  await assert.rejects(client.sendCommand(["NOSUCH", "a"]), /unknown command/);
  await assert.rejects(client.incr("nr:key"), /not an integer/);
  assert.match(await client.info("server"), /redis_version:7\./);

  const id = await client.clientId();
  const other = await createClient({ url }).connect();
  const back = new Promise((resolve) => client.once("ready", resolve));
  assert.equal(await other.sendCommand(["CLIENT", "KILL", "ID", String(id)]), 1);
  await back;
  assert.equal(await client.get("nr:key"), "value");
  assert.notEqual(await client.clientId(), id);
  await Promise.all([client.close(), other.close()]);
}

await run({});
await run({ RESP: Number(process.argv[3]) });
console.log("ok");
