from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from treatments.loading import Loaded, load_catalogue
from treatments.models import Area, Modality, Offer

pytestmark = pytest.mark.django_db


def changed(content, slug, **values):
    return replace(content, modalities=content.modalities | {slug: content.modalities[slug] | values})


def test_everything_is_loaded_and_a_second_time_changes_nothing(content, django_assert_num_queries):
    assert load_catalogue(content) == Loaded(written=122, unchanged=0)
    assert (Modality.objects.count(), Area.objects.count(), Offer.objects.count()) == (8, 15, 99)
    with django_assert_num_queries(7):  # savepoint, areas, modalities, offers, withdrawn twice, release
        assert load_catalogue(content) == Loaded(written=0, unchanged=122)


def test_a_price_the_clinic_changed_stays_until_the_file_changes(content):
    load_catalogue(content)
    Offer.objects.filter(modality__slug="pen", area__slug="face").update(price=Decimal(7000))
    load_catalogue(content)
    assert Offer.objects.get(modality__slug="pen", area__slug="face").price == 7000
    prices = content.modalities["pen"]["prices"] | {"face": 6900}
    load_catalogue(changed(content, "pen", prices=prices))
    assert Offer.objects.get(modality__slug="pen", area__slug="face").price == 6900


def test_a_sign_off_stands_while_the_text_stands(content):
    load_catalogue(content)
    Modality.objects.filter(slug="pen").update(signed_off_by="Dr Ece Aydın", signed_off_on=date(2026, 11, 2))
    load_catalogue(changed(content, "pen", numbing=35))
    pen = Modality.objects.get(slug="pen")
    assert (pen.numbing_minutes, pen.is_draft) == (35, False)

    texts = {code: {**text, "alerts": text["alerts"] | {"soon": ["New."]}} for code, text in content.texts.items()}
    load_catalogue(replace(content, texts=texts))
    pen.refresh_from_db()
    assert (pen.signed_off_by, pen.signed_off_on, pen.is_draft) == ("", None, True)


def test_what_left_the_files_is_withdrawn_but_not_forgotten(content):
    load_catalogue(content)
    rest = {slug: entry for slug, entry in content.modalities.items() if slug != "roller"}
    load_catalogue(replace(content, modalities=rest))
    assert not Modality.objects.get(slug="roller").bookable
    assert not Offer.objects.filter(modality__slug="roller").exists()
    load_catalogue(content)
    assert Offer.objects.filter(modality__slug="roller").count() == 14
    assert Modality.objects.get(slug="roller").bookable


def test_the_command_says_what_it_did(capsys):
    call_command("load_catalogue")
    assert "122 written, 0 unchanged" in capsys.readouterr().out
    call_command("load_catalogue", check=True)
    assert "in order" in capsys.readouterr().out
