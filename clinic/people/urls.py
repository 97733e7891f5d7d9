from django.urls import path

from clinic.people import views

app_name = "people"
urlpatterns = [
    path("staff/sign-in/", views.sign_in, name="sign_in"),
    path("staff/sign-out/", views.sign_out, name="sign_out"),
    path("staff/", views.home, name="home"),
]
