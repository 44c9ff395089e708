"""The genogram and the support network: who belongs to a family, as two pictures drawn on the server and in words.

rows of the record -> model (what is to be said) -> layout (where it stands) -> svg, and model -> words.
Pure functions: the same record gives the same picture.
"""
