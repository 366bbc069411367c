"""The two themes: every colour of the app by name, so that styles speak of meaning and never of hex."""

from __future__ import annotations

from pathlib import Path

from textual.theme import Theme

DARK = Theme(
    name="launchready-dark",
    primary="#7cc0d0",
    secondary="#8fa3b5",
    accent="#e6b673",
    success="#86c79a",
    warning="#e6b45c",
    error="#f08a82",
    foreground="#d9e0e7",
    background="#10161d",
    surface="#151d26",
    panel="#1c2732",
    dark=True,
    variables={
        "quiet": "#8d9cab",
        "rule": "#33424f",
        "strong": "#f2f6f9",
        "status-pass": "#86c79a",
        "status-warn": "#e6b45c",
        "status-fail": "#f08a82",
        "status-info": "#7cc0d0",
        "status-skipped": "#8d9cab",
        "status-error": "#c7a3e0",
        "bar-done": "#5fa8ba",
        "bar-open": "#2b3a47",
        "hour": "#e6b673",
        "block-cursor-background": "#27475a",
        "block-cursor-foreground": "#f2f6f9",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1c2732",
        "block-cursor-blurred-foreground": "#d9e0e7",
        "block-cursor-blurred-text-style": "none",
        "footer-background": "#1c2732",
        "footer-foreground": "#aebac5",
        "footer-key-foreground": "#e6b673",
        "footer-description-foreground": "#aebac5",
        "border": "#7cc0d0",
        "border-blurred": "#33424f",
        "scrollbar": "#33424f",
        "scrollbar-background": "#151d26",
        "scrollbar-hover": "#4a5d6d",
        "scrollbar-active": "#7cc0d0",
    },
)

LIGHT = Theme(
    name="launchready-light",
    primary="#17647a",
    secondary="#51626f",
    accent="#8a5300",
    success="#22703a",
    warning="#825300",
    error="#b02a22",
    foreground="#22303b",
    background="#fbfaf6",
    surface="#f4f2ec",
    panel="#e8e5dc",
    dark=False,
    variables={
        "quiet": "#5c6a75",
        "rule": "#c9c4b8",
        "strong": "#0d1a24",
        "status-pass": "#22703a",
        "status-warn": "#825300",
        "status-fail": "#b02a22",
        "status-info": "#17647a",
        "status-skipped": "#5c6a75",
        "status-error": "#6d3f96",
        "bar-done": "#2c8299",
        "bar-open": "#d3cec2",
        "hour": "#8a5300",
        "block-cursor-background": "#c5dde3",
        "block-cursor-foreground": "#0d1a24",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e8e5dc",
        "block-cursor-blurred-foreground": "#22303b",
        "block-cursor-blurred-text-style": "none",
        "footer-background": "#e8e5dc",
        "footer-foreground": "#44535f",
        "footer-key-foreground": "#8a5300",
        "footer-description-foreground": "#44535f",
        "border": "#17647a",
        "border-blurred": "#c9c4b8",
        "scrollbar": "#c9c4b8",
        "scrollbar-background": "#f4f2ec",
        "scrollbar-hover": "#a8a294",
        "scrollbar-active": "#17647a",
    },
)

THEMES = (DARK, LIGHT)
STYLES = Path(__file__).parent
"""Where the style files stand."""
BY_WORD = {"dark": DARK.name, "light": LIGHT.name}
"""What `--theme` accepts."""
