"""Commands: everything that is neither query nor DML. Each module says how its commands are authorised and carried out."""
