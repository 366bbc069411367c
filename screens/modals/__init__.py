"""The small windows that ask one thing and go away."""
