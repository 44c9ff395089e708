"""`make faults`: parts are killed, stopped, slowed down and filled up while people write, and then all is counted.

    make faults                         every fault, 50 times each (an hour or two)
    make faults FAULTS=web-killed RUNS=5 SEED=1
    make faults FAULTS=list             which there are

It has servers of its own (database, queue, web, worker, beat, mail) on free ports of loopback and below a temporary
folder, ends only what it started, and stops by itself. Each write carries a mark; who sends it tries again with the
same token, as a person or a program does, until it is told that it is saved. In the end the database is read by the
role of back-ups: each write that was acknowledged must be there, once. A page with 5xx must be the one that says when
to try again. What cannot be tried here is "not checked", and the whole fails.
"""
