"""Our requests against the provider's published description of its interface, where a copy of it is at hand."""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings as project

from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

NAME = "twilio_api_v2010.json"
BESIDE = Path(project.BASE_DIR).parent.glob(f"*/twilio/{NAME}")
FOLDER = os.environ.get("TWILIO_OPENAPI_DIR") or next((found.parent for found in BESIDE), None)
needs_description = pytest.mark.skipif(
    FOLDER is None, reason="no copy beside this project; TWILIO_OPENAPI_DIR names one"
)


@pytest.fixture(scope="module")
def fields():
    document = json.loads((Path(FOLDER) / NAME).read_text())
    create = document["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    return create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]


@needs_description
@pytest.mark.django_db
def test_what_we_post_is_described_and_within_its_limits(fake, text, now, fields, settings):  # noqa: F811
    from clinic.messaging import consent
    from clinic.messaging.models import WhatsAppWindow
    from clinic.messaging.wording import approving

    row = approving.submit("booking_confirmed", "en")
    fake.content.decide(row.content_sid, "approved")
    approving.sync()
    plain = text(now=now, number=1)
    template = text(now=now, number=2)
    window = text(now=now, number=3)
    for message in (template, window):
        consent.record_consent(
            message.patient_id, channel="whatsapp", purpose="care", granted=True, source="t", now=now
        )
    WhatsAppWindow.objects.create(number=window.address_index, last_inbound=now)
    sweep(now=now, threads=1)
    by_number = {made.to: made.fields for made in fake.made}
    assert by_number.keys() == {plain.address, f"whatsapp:{template.address}", f"whatsapp:{window.address}"}
    for sent in by_number.values():
        assert sent.keys() <= fields["properties"].keys()
        assert set(fields.get("required", [])) <= sent.keys()
        assert len(sent.get("Body", "")) <= 1600
        assert ("ContentSid" in sent) != ("Body" in sent)
    assert by_number[f"whatsapp:{template.address}"]["ContentSid"].startswith("HX")


@needs_description
@pytest.mark.django_db
def test_the_templates_we_make_are_described(fake):
    from clinic.messaging.kinds import BY_TEMPLATE
    from clinic.messaging.wording.templates import wording

    document = json.loads((Path(FOLDER) / "twilio_content_v1.json").read_text())["components"]["schemas"]
    known = document["types"]["properties"]
    for kind in BY_TEMPLATE:
        made = wording(kind, "en").content()
        assert made.keys() <= document["ContentCreateRequest"]["properties"].keys()
        assert set(document["ContentCreateRequest"]["required"]) <= made.keys()
        for name, one in made["types"].items():
            described = document[known[name]["$ref"].rpartition("/")[2]]
            assert set(described["required"]) <= one.keys() <= described["properties"].keys()
            for action in one.get("actions", ()):
                assert action.keys() <= document["quickReplyAction"]["properties"].keys()
                assert action["type"] in document["quickReplyActionType"]["enum"]
