"""`make faults`: parts are killed, stopped, slowed down and filled up while people write, and then all is counted.

    make faults                         every fault, 50 times each (hours; an outage of an hour is among them)
    make faults FAULTS=web-killed RUNS=5 SEED=1
    make faults FAULTS=worker-killed    all of the worker's: killed in each task that it has
    make faults FAULTS=list             which there are
    make faults FAULTS=page             docs/faults.md of what was run in pieces

It has servers of its own (database, queue, web, worker, beat, mail) on free ports of loopback and below a temporary
folder, ends only what it started, and stops by itself. Each write carries a mark; who sends it tries again with the
same token, as a person or a program does, until it is told that it is saved. In the end the database is read by the
role of back-ups: each write that was acknowledged must be there, once. A page with 5xx must be the one that says when
to try again.

A run counts when the fault met work (a request that had to be sent again, a packet that was lost, a task that was under
way); others are made again. What cannot be tried here, or met work too seldom, is "not checked", and the whole fails.
docs/faults.md is written by the run.
"""
