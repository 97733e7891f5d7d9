"""The Content API's part of the fake provider: templates, their approval, and the same ways to fail."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

CREATE, SUBMIT, READ = "create", "submit", "read"
DOES_NOT = {"500", "drop", "hang", "400", "401", "429", "content_400"}


@dataclass
class FakeContent:
    """`behave(act, number)` is asked at every call; its `number` counts the calls of that act. `log` is the judge."""

    behave: Callable[[str, int], str] = lambda _act, _number: "as it should"
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[str, dict[str, str]] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)

    def decide(self, sid: str, status: str, reason: str = "") -> None:
        self.approvals[sid] |= {"status": status, "rejection_reason": reason}

    def acts(self, act: str) -> int:
        return sum(one == act for one, _name in self.log)

    def post(self, path: str, body: dict[str, Any]) -> tuple[str, dict | None]:
        act = SUBMIT if path.endswith("/ApprovalRequests/whatsapp") else CREATE
        behaviour = self.behave(act, self.acts(act))
        self.log.append((act, body.get("friendly_name") or body.get("name", "")))
        answer = None
        if behaviour not in DOES_NOT:
            answer = self._submit(path, body) if act == SUBMIT else self._create(body)
        return ("201" if behaviour == "as it should" else behaviour), answer

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        sid = "HX" + secrets.token_hex(16)
        self.made[sid] = {"sid": sid, **body}
        return self.made[sid]

    def _submit(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        sid = re.search(r"/Content/(HX[0-9a-f]{32})/", path)[1]
        self.approvals[sid] = {**body, "status": "received", "rejection_reason": ""}
        return self.approvals[sid]

    def get(self, path: str, base: str) -> tuple[str, dict | None]:
        behaviour = self.behave(READ, self.acts(READ))
        self.log.append((READ, path))
        if behaviour != "as it should":
            return behaviour, None
        if one := re.search(r"/Content/(HX[0-9a-f]{32})/ApprovalRequests", path):
            known = one[1] in self.made
            return ("200", {"sid": one[1], "whatsapp": self.approvals.get(one[1])}) if known else ("404", None)
        query = parse_qs(urlsplit(path).query)
        size, page = int(query["PageSize"][0]), int(query.get("Page", ["0"])[0])
        every = list(self.made.values())
        shown = [
            {**one, "approval_requests": self._stands(one["sid"])} for one in every[page * size : (page + 1) * size]
        ]
        more = f"{base}/v1/ContentAndApprovals?PageSize={size}&Page={page + 1}"
        return "200", {"contents": shown, "meta": {"next_page_url": more if (page + 1) * size < len(every) else None}}

    def _stands(self, sid: str) -> dict[str, str]:
        return self.approvals.get(sid) or {"status": "unsubmitted", "rejection_reason": ""}
