"""The page around a report: its style, its script, and a policy that lets the browser fetch nothing."""

from html import escape
from importlib import resources

# the browser itself is told that nothing may be fetched
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def of(title: str, body: str) -> str:
    """A whole page of HTML."""
    style, script = (_own_file(name) for name in ("page.css", "page.js"))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)} · ganvas</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<meta name="color-scheme" '
        f'content="light dark">\n<style>\n{style}</style>\n</head>\n<body>\n<main>{body}</main>\n'
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _own_file(name: str) -> str:
    return (resources.files("ganvas.report") / name).read_text(encoding="utf-8")
