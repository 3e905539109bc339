"""Runs Celery, with broker and results on the server at the port of argument one.

A worker is started as a process of its own. Tasks return, fail, are retried, come
later, are revoked, and are joined in a chord.
"""

import os
import subprocess
import sys

from celery import Celery, chord, group

PORT = int(os.environ.get("KVD_PORT") or sys.argv[1])
URL = f"redis://127.0.0.1:{PORT}"
PATIENCE = 40

app = Celery("celery_jobs", broker=f"{URL}/1", backend=f"{URL}/2")
app.conf.update(worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task
def fail():
    raise ValueError("as asked")


@app.task(bind=True, max_retries=3)
def third_time(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return self.request.retries


def run():
    assert add.delay(2, 3).get(timeout=PATIENCE) == 5
    assert add.apply_async((4, 5), countdown=0.2).get(timeout=PATIENCE) == 9
    assert third_time.delay().get(timeout=PATIENCE) == 2
    failed = fail.delay()
    try:
        failed.get(timeout=PATIENCE)
        raise AssertionError("a task that fails has a result")
    except ValueError as err:
        assert "as asked" in str(err), err
    results = group(add.s(i, i) for i in range(50)).apply_async().get(timeout=PATIENCE)
    assert results == [2 * i for i in range(50)], results
    assert chord((add.s(i, i) for i in range(20)), total.s()).apply_async().get(timeout=PATIENCE) == 380
    later = add.apply_async((1, 1), countdown=3600)
    later.revoke()
    assert app.control.ping(timeout=5), "the worker does not answer"


def main():
    env = dict(os.environ, KVD_PORT=str(PORT), PYTHONPATH=os.path.dirname(os.path.abspath(__file__)))
    command = [sys.executable, "-m", "celery", "-A", "celery_jobs", "worker", "-P", "solo", "-l", "warning", "--without-gossip"]
    worker = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        run()
    except BaseException:
        worker.terminate()
        print(worker.communicate()[0].decode())
        raise
    worker.terminate()
    worker.communicate(timeout=PATIENCE)
    print("ok")


if __name__ == "__main__":
    main()
