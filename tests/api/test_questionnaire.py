import pytest

pytestmark = pytest.mark.django_db
PEN = "/questionnaire/?treatment=pen&areas=face"


def test_every_question_can_be_asked_and_sent(clinic, api):
    body = api("get", PEN).body
    assert body["version"]
    by_id = {one["id"]: one for one in body["questions"]}
    assert len(by_id) == len(body["questions"])
    assert all(one["text"] and (one["options"] or one["kind"] != "single") for one in body["questions"])
    assert by_id["blood_thinner_name"]["when"] == {"question": "blood_thinner", "answers": ["yes"]}


def test_short_and_rest_together_are_the_whole(clinic, api):
    def asked(stage):
        return [one["id"] for one in api("get", f"{PEN}&stage={stage}").body["questions"]]

    short, rest = set(asked("short")), set(asked("rest"))
    assert short & rest == set()
    assert short | rest == set(asked("full")) | {"adult"}  # the date of birth takes its place in the whole
    assert {"adult"} < short


@pytest.mark.parametrize(
    ("query", "status", "code", "fields"),
    [
        ("treatment=magic&areas=face", 404, "unknown_treatment", None),
        ("treatment=pen&areas=elbow", 422, "area_not_offered", ["areas"]),
        ("treatment=pen", 400, "invalid", ["areas"]),
        ("areas=face", 400, "invalid", ["treatment"]),
        ("treatment=pen&areas=face&stage=later", 400, "invalid", ["stage"]),
    ],
)
def test_a_visit_we_do_not_offer(clinic, api, query, status, code, fields):
    answer = api("get", f"/questionnaire/?{query}")
    assert (answer.status, answer.code) == (status, code)
    if fields:
        assert answer.fields == fields
