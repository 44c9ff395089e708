"""Getting in beyond the password: the second factor, passkeys, attempts that are counted, the council's directory."""
