"""Whether the build can be repeated: CI, lock files, and the build command itself."""
