from django.urls import path

from . import views

app_name = "treatments"

urlpatterns = [
    path("", views.home, name="home"),
    path("treatments/<slug:slug>/", views.detail, name="detail"),
    path("treatments/<slug:slug>/care/", views.care, name="care"),
    path("compare/", views.compare, name="compare"),
]
