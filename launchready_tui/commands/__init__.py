"""The sub-commands, one a module: `add_arguments(parser)` and `run(args) -> exit status`."""
