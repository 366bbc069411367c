"""The product's own AI under test: our prompts, judged by planted canaries, a sink and tool calls, never by tone."""
