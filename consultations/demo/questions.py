"""Two questions with photos for the demo. The pictures are drawn: plain skin tones with soft spots, nobody's skin."""

import datetime as dt
import io
import random

from PIL import Image, ImageDraw, ImageFilter

from clinic.crypto.search import blind_index
from clinic.people.access import Actor
from clinic.people.models import Patient, User
from consultations.models import Act, Enquiry
from consultations.services.enquiries import answer_enquiry, send_enquiry
from consultations.services.enquiry_drafts import keep_page, prove_phone
from consultations.services.photos import add_photo

TONES = [((224, 184, 160), (206, 142, 122)), ((166, 120, 92), (120, 80, 60))]
SIZE = (900, 1200)

# name in the list of patients, tone, photos, hours ago, content
QUESTIONS = [
    (
        "Hannah Brooks",
        0,
        3,
        5,
        {
            "concerns": ["acne_marks", "pores"],
            "areas": ["cheeks"],
            "words": "Small hollows on both cheeks, since I was about sixteen. They show most in side light.",
            "goals": "Smoother skin for my sister’s wedding in spring. I know it takes time.",
            "tried": "Vitamin C in the morning, sunscreen every day. A peel two years ago helped a little.",
            "health": "",
            "wish": "plan",
        },
    ),
    (
        "Lucía Moreno",
        1,
        2,
        60,
        {
            "concerns": ["spots"],
            "areas": ["face"],
            "words": "Desde el verano tengo manchas más oscuras en la frente. ¿Qué me conviene?",
            "goals": "Un tono más parejo.",
            "tried": "Protector solar.",
            "health": "",
            "wish": "answer",
        },
    ),
]
ANSWER = (
    "Gracias por las fotos. Las manchas mejoran con paciencia: primero tres meses de protección solar alta cada día, "
    "y después vemos juntos en una consulta qué tratamiento le va bien. Nada de sol fuerte hasta entonces."
)


def drawn(seed: int, tone: int, *, spots: int = 26) -> bytes:
    """A soft field of skin colour with a few darker spots, as a JPEG."""
    rnd, (light, dark) = random.Random(seed), TONES[tone]  # noqa: S311 - a drawing, no secret
    picture = Image.new("RGB", SIZE, light)
    shade = Image.linear_gradient("L").resize(SIZE).rotate(90 * (seed % 4)).point(lambda value: value // 4)
    picture.paste(Image.new("RGB", SIZE, dark), mask=shade)
    darker = Image.new("L", SIZE)
    pen = ImageDraw.Draw(darker)
    for _each in range(spots):
        x, y, r = rnd.randrange(SIZE[0]), rnd.randrange(SIZE[1]), rnd.randrange(8, 34)
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=rnd.randrange(60, 150))
    picture.paste(Image.new("RGB", SIZE, dark), mask=darker.filter(ImageFilter.GaussianBlur(9)))
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=90)
    return out.getvalue()


def load_questions(*, now: dt.datetime) -> list[Enquiry]:
    """One waits, one has been answered."""
    found = []
    for name, tone, photos, ago, content in QUESTIONS:
        at = now - dt.timedelta(hours=ago)
        person = Patient.objects.get(name=name)
        draft = keep_page(None, page="adult", values={"adult": "yes"}, now=at)
        for number in range(photos):
            add_photo(draft, data=drawn(number + 7 * tone, tone), most=6, now=at)
        prove_phone(draft, phone_index=blind_index("phone", person.phone), now=at)
        found.append(
            send_enquiry(draft, content=content, name=name, phone=person.phone, language=person.language, now=at)
        )
    nuria = User.objects.get(practitioner__resource__slug="nuria-ruiz")
    answer_enquiry(
        found[1].pk,
        act=Act.INVITE,
        text=ANSWER,
        seen=1,
        actor=Actor("practitioner", user=nuria),
        now=now - dt.timedelta(hours=20),
    )
    return found
