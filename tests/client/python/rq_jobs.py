"""Runs RQ, whose queues and results are on the server at the port of argument one."""

import operator
import sys

import redis
from rq import Queue, SimpleWorker
from rq.job import Job

connection = redis.Redis(port=int(sys.argv[1]))
queue = Queue("jobs", connection=connection)

jobs = [queue.enqueue(operator.add, i, i) for i in range(20)]
dependent = queue.enqueue(operator.mul, 6, 7, depends_on=jobs[-1])
failing = queue.enqueue(operator.truediv, 1, 0)
worker = SimpleWorker([queue], connection=connection)
assert worker.work(burst=True)
assert [job.result for job in jobs] == [2 * i for i in range(20)]
assert dependent.result == 42
assert failing.get_status(refresh=True) == "failed"
assert Job.fetch(failing.id, connection=connection).exc_info.rstrip().endswith("division by zero")
assert len(queue.failed_job_registry) == 1
queue.failed_job_registry.requeue(failing.id)
assert worker.work(burst=True)
assert queue.empty() == 0
print("ok")
