"""What a person sees: one Textual screen a file, its styles beside it."""
