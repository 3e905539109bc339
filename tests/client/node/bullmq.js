// Runs BullMQ, whose queues are Lua scripts, against the server at the port of
// argument one.
import assert from "node:assert/strict";
import { FlowProducer, Job, Queue, QueueEvents, Worker } from "bullmq";

const connection = { host: "127.0.0.1", port: Number(process.argv[2]), maxRetriesPerRequest: null };
const queue = new Queue("jobs", { connection });
const events = new QueueEvents("jobs", { connection });
queue.setMaxListeners(0); // one listener for each job that is waited for
await events.waitUntilReady();

let failures = 0;
const order = [];
const worker = new Worker(
  "jobs",
  async (job) => {
    switch (job.name) {
      case "double":
        await job.updateProgress(50);
        return job.data.n * 2;
      case "flaky":
        if (++failures < 3) throw new Error("as asked");
        return "at last";
      case "broken":
        throw new Error("for ever");
      case "parent":
        return Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
      default:
        order.push(job.name);
        return job.name;
    }
  },
  { connection, concurrency: 4 },
);
const done = (job) => job.waitUntilFinished(events, 30000);

const jobs = await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: "double", data: { n } })));
assert.deepEqual(await Promise.all(jobs.map(done)), jobs.map((_, n) => 2 * n));
assert.equal(await done(await queue.add("later", {}, { delay: 200 })), "later");
assert.equal(await done(await queue.add("flaky", {}, { attempts: 3, backoff: { type: "fixed", delay: 20 } })), "at last");
await assert.rejects(done(await queue.add("broken", {})), /for ever/);

const flow = await new FlowProducer({ connection }).add({
  name: "parent",
  queueName: "jobs",
  children: [1, 2, 3].map((n) => ({ name: "double", queueName: "jobs", data: { n } })),
});
assert.equal(await done(flow.job), 12);

const first = await queue.add("once", {}, { jobId: "same" });
await done(first);
await queue.add("once", {}, { jobId: "same" });
assert.deepEqual(order, ["later", "once"]);

await queue.upsertJobScheduler("every", { every: 50 }, { name: "tick" });
await new Promise((resolve) => worker.on("completed", (job) => job.name === "tick" && resolve()));
await queue.removeJobScheduler("every");

await worker.pause();
await queue.addBulk([1, 5, 3].map((priority) => ({ name: `p${priority}`, data: {}, opts: { priority } })));
assert.equal(await queue.getPrioritizedCount(), 3);
order.length = 0;
worker.concurrency = 1;
worker.resume();
const last = await Job.fromId(queue, (await queue.getPrioritized()).at(-1).id);
await done(last);
assert.deepEqual(order.slice(0, 3), ["p1", "p3", "p5"]);
const counts = await queue.getJobCounts("completed", "failed", "waiting");
assert.equal(counts.failed, 1);
assert.equal(counts.waiting, 0);
await queue.obliterate({ force: true });

await worker.close();
await events.close();
await queue.close();
console.log("ok");
process.exit(0);
