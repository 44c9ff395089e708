"""Many people at once on one machine with two cores, the people themselves among them.

A hundred people with think time ask ten times a second in all, for ten minutes, in a city of two years (23 Clusters);
then three times as many, and then the hundred again. Goals: no answer of the 5xx kind, and 95 of 100
answers within a second; under three times the load answers slow down or say 503 with a time to try again, and within a
minute after it all is as before.
"""
