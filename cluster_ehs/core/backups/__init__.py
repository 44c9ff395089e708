"""Back-ups: database and files of one moment in one sealed file, and the way back.

`take.py` makes one, `sealed.py` seals it for a key whose other half is kept elsewhere, `place.py` puts it where
`EHS_BACKUP_TARGET` says, `inside.py` says what a database holds so that both ends can be compared, `restore.py` brings
it back beside what is there, `schedule.py` makes one a day. docs/operations.md, ADR 0023.
"""
