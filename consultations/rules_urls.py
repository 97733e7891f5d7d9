from django.urls import path

from consultations.views import rules

app_name = "rules"
urlpatterns = [
    path("", rules.rules, name="rules"),
    path("sign/", rules.sign, name="sign"),
]
