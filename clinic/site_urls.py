from django.urls import path
from django.views.i18n import set_language

from clinic import views
from clinic.people.access import requires

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("statusz", views.statusz, name="statusz"),
    path("theme/", views.set_theme, name="set_theme"),
    path("language/", requires("language.change")(set_language), name="set_language"),
]
