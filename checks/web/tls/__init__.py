"""The TLS face of each public web name: who it says it is, whom that convinces, and which versions it speaks."""
