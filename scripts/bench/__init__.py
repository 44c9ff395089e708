"""A city's worth of records, every main page measured with all walls on: `make bench`.

    python -m scripts.bench [--quick] [--keep]

Two cities are made by SQL, one of 10,000 referrals and one of 100,000, each in a database of its own beside the
environment's; then gunicorn serves each with two workers, people sign in, and the pages are asked for over loopback.
What comes out is printed and written to `docs/performance.md`, goals missed included.
"""
