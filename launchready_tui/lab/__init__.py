"""A small Internet on loopback: name servers, web servers, mail, for the demo and for the tests."""
