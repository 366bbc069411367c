"""The version, written here alone: the package, the command line and the User-Agent take it from here."""

VERSION = "0.1.0"
