// Uses node-redis's commands for JSON against the server at the port of argument
// one, with the protocol version of argument two.
import assert from "node:assert/strict";
import { createClient } from "redis";

const client = await createClient({ url: `redis://127.0.0.1:${process.argv[2]}`, RESP: Number(process.argv[3]) }).connect();
const json = client.json;

const doc = { name: "x", n: 1, list: [1, 2, 3], on: true, in: { n: 5 } };
assert.equal(await json.set("d", "$", doc), "OK");
assert.deepEqual(await json.get("d"), doc);
assert.deepEqual(await json.get("d", { path: "$.list" }), [[1, 2, 3]]);
assert.deepEqual(await json.get("d", { path: ["$.name", "$.n"] }), { "$.name": ["x"], "$.n": [1] });
assert.equal(await json.get("none"), null);
assert.equal(await json.set("d", "$", 1, { NX: true }), null);
assert.equal(await json.mSet([{ key: "e", path: "$", value: { n: 7 } }, { key: "d", path: "$.n", value: 2 }]), "OK");
assert.deepEqual(await json.mGet(["d", "e", "none"], "$.n"), [[2], [7], null]);
assert.equal(await json.merge("e", "$", { m: [1] }), "OK");
assert.deepEqual([await json.type("d", { path: "$.list" })].flat(3), ["array"]);
assert.deepEqual(await json.numIncrBy("d", "$.n", 2), [4]);
assert.deepEqual(await json.numMultBy("d", "$.n", 2), [8]);
assert.deepEqual((await json.toggle("d", "$.on")).map(Number), [0]);
assert.deepEqual(await json.strLen("d", { path: "$.name" }), [1]);
assert.deepEqual(await json.strAppend("d", "yz", { path: "$.name" }), [3]);
assert.deepEqual(await json.arrAppend("d", "$.list", 4, { k: null }), [5]);
assert.deepEqual(await json.arrInsert("d", "$.list", 0, 0), [6]);
assert.deepEqual(await json.arrIndex("d", "$.list", 3), [3]);
assert.deepEqual(await json.arrLen("d", { path: "$.list" }), [6]);
assert.deepEqual(await json.arrPop("d", { path: "$.list", index: -1 }), [{ k: null }]);
assert.deepEqual(await json.arrTrim("d", "$.list", 0, 1), [2]);
assert.deepEqual(await json.objKeys("d", { path: "$.in" }), [["n"]]);
assert.deepEqual(await json.objLen("d", { path: "$.in" }), [1]);
assert.equal(await json.clear("d", { path: "$.in" }), 1);
assert.equal(await json.del("d", { path: "$.in" }), 1);
assert.equal(await json.forget("d", { path: "$.none" }), 0);
assert.equal(await json.debugMemory("none"), 0);
assert.deepEqual(await json.get("d"), { name: "xyz", n: 8, list: [0, 1], on: false });
await assert.rejects(json.numIncrBy("none", "$.n", 1), /key that doesn't exist/);

const replies = await client.multi().json.set("p", "$", [1]).json.arrAppend("p", "$", 2).json.get("p").exec();
assert.deepEqual(replies, ["OK", [2], [1, 2]]);
await client.close();
console.log("ok");
