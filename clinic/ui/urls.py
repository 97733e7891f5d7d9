from django.urls import path

from clinic.ui import views

app_name = "ui"
urlpatterns = [
    path("look/", views.look, name="look"),
    path("look/staff/", views.look, {"page": "staff"}, name="look_staff"),
]
