from django.urls import path

from clinic.messaging import demo_phone, webhooks
from clinic.messaging.wording import pages

app_name = "messaging"
urlpatterns = [
    path("hooks/twilio/status/<uuid:attempt_id>/", webhooks.status, name="status"),
    path("hooks/twilio/inbound/", webhooks.message, name="inbound"),
    path("settings/messages/", pages.texts, name="texts"),
    path("settings/messages/quiet-hours/", pages.quiet_hours, name="quiet_hours"),
    path("settings/messages/templates/", pages.all_templates, name="templates"),
    path("settings/messages/<slug:kind>/<slug:language>/", pages.text, name="text"),
    path("settings/messages/<slug:kind>/<slug:language>/restore/", pages.restore, name="text_restore"),
    path("settings/messages/<slug:kind>/<slug:language>/timing/", pages.timing, name="timing"),
    path("settings/messages/<slug:kind>/<slug:language>/template/", pages.one_template, name="template"),
    path("demo/phone/", demo_phone.phones, name="phones"),
    path("demo/phone/let-go/<uuid:message_id>/", demo_phone.let_go, name="phone_let_go"),
    path("demo/phone/<uuid:phone_id>/", demo_phone.chat, name="phone"),
    path("demo/phone/<uuid:phone_id>/write/", demo_phone.write, name="phone_write"),
    path("demo/phone/<uuid:phone_id>/seen/", demo_phone.seen, name="phone_seen"),
    path("demo/phone/<uuid:phone_id>/switch/", demo_phone.switch, name="phone_switch"),
]
