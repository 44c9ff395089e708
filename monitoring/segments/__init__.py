"""Need segments: families grouped by what they needed, and a tree of what goes with progress [L 9].

What imports scikit-learn is `analysis` alone; the worker loads it when it has a run to work out, the web never does.
"""
