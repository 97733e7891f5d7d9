"""Where "See times" on a treatment's page leads."""

from django.urls import reverse

from treatments import home


def register() -> None:
    home.provide_times_link(lambda slug: reverse("book:choices", args=[slug]))
