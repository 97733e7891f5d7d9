from django.urls import path

from clinic.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.look, name="look"),
    path("staff/", views.look, {"page": "staff"}, name="look_staff"),
]
