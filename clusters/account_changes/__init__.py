"""What opens a manager's account to somebody else, which needs two people: a new address, no second factor."""
