"""DMARC: the record, the tree walk that finds it, the policy in force and the reports (RFC 9989, RFC 9990)."""
