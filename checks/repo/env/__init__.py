"""Environment variables: what the code reads, what is written down, and what each environment has."""
