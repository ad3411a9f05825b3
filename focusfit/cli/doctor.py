"""``focusfit doctor``."""

from __future__ import annotations

import textwrap

from ..doctor import Status, examine

_INDENT = " " * 21


def doctor() -> int:
    """Say what is installed, what will be used, and what to do about what is missing.

    The exit code is 0 when photos can be reconstructed, else 1.
    """
    findings = examine()
    for finding in findings:
        text = finding.says if finding.remedy is None else f"{finding.says}. {finding.remedy}"
        head = f"{finding.status.value:<8}{finding.subject:<13}"
        print(textwrap.fill(text, 110, initial_indent=head, subsequent_indent=_INDENT, break_on_hyphens=False))
    missing = [finding.subject for finding in findings if finding.status is Status.MISSING]
    print(f"Not ready: {', '.join(missing)}." if missing else "Ready: `focusfit reconstruct PHOTO --out OUT`.")
    return 1 if missing else 0
