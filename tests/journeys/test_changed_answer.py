"""Three days before the visit something has changed: said by a tap, asked about alone, read by a practitioner."""

import datetime as dt

from playwright.sync_api import expect

from tests.journeys.steps import NAME, Handset, Patient, go_on

VISIT = dt.date(2027, 5, 20)  # a Thursday


def test_a_new_medicine_three_days_before_the_visit(windows, staff_page, clock):
    elif_ = Patient(windows.open(touch=True))
    elif_.get_to_times("pen", "face")
    elif_.take(VISIT, "11:00")
    elif_.give_details(whatsapp=True)
    elif_.finish()
    elif_.sees_outcome("confirmed")
    booking = elif_.booking

    clock.pass_to(dt.datetime(2027, 5, 17, 11, 1, tzinfo=clock.now.tzinfo))
    handset = Handset(windows.open())
    handset.open()
    expect(handset.last).to_contain_text("Has anything about your health or medicines changed")
    handset.write("2")
    clock.work()
    handset.open()
    expect(handset.received.filter(has_text="Please answer a few questions here")).to_have_count(1)

    # Only the topic that was named is asked about; the rest is kept, with its day.
    page = elif_.page
    page.goto(booking)
    page.get_by_role("link", name="See your treatment and how to prepare").or_(
        page.get_by_role("link", name="Go on with the form")
    ).first.click()
    if "/code/" in page.url:
        page.locator("[name=send]").click()
        clock.work()
        handset.open()
        page.locator("[name=code]").fill(handset.code())
        go_on(page)
    expect(page.locator("h1, legend").filter(has_text="What has changed?").first).to_be_visible()
    page.locator("[name=topics][value=medicine]").check()
    go_on(page)
    expect(page.get_by_text("Only what changed. The rest stays as you told us.")).to_be_visible()
    asked = page.locator("[name=ticks]").evaluate_all("all => all.map(one => one.value.split(':')[0])")
    assert set(asked) == {"isotretinoin", "blood_thinner", "none"}
    elif_.tick("blood_thinner:yes", blood_thinner_name="Apixaban")
    while "/form/" in page.url:
        elif_.answer_page()
    expect(page.get_by_text("As you told us on 11 May 2027")).to_be_visible()
    elif_.send_answers()
    elif_.sees_outcome("checking")

    selin = staff_page("selin@dermastudio.example")
    selin.get_by_role("link", name=NAME).click()
    expect(selin.locator(".flag")).to_have_count(1)
    expect(selin.locator(".flag")).to_contain_text("Apixaban")
    expect(selin.locator(".flag")).to_contain_text("Last time")
