"""Who works at the demo clinic, what it has, and who comes. Plain data; every telephone number is of a test range."""

PASSWORD = "porcelain-eucalyptus"  # noqa: S105 - printed at the start of a demo, refused in production

LOCATION = {
    "slug": "moda",
    "name": "Derma Studio Moda",
    "timezone": "Europe/Istanbul",
    "address": "Moda Caddesi 112, 34710 Kadıköy, İstanbul",
    "phone": "+902165550140",
    "region": "TR",
}
OPENING = {0: ("09:00", "19:00"), 1: ("09:00", "19:00"), 2: ("09:00", "19:00"), 3: ("09:00", "20:00"),
           4: ("09:00", "19:00"), 5: ("10:00", "17:00")}  # fmt: skip

# email, name, role, language
STAFF = [
    ("desk@dermastudio.example", "Derya Yıldız", "desk", "en"),
    ("desk2@dermastudio.example", "Can Erdem", "desk", "tr"),
    ("owner@dermastudio.example", "Nihal Sezer", "owner", "en"),
]

# slug, title, name, gender, email, registration, skills, weekly hours (weekday → stretches), what patients read
PRACTITIONERS = [
    {
        "slug": "selin-aydin",
        "page_phone": "+905325550171",
        "may_override": True,
        "title": "Dr",
        "name": "Selin Aydın",
        "gender": "woman",
        "email": "selin@dermastudio.example",
        "registration": "TR-IST-48213",
        "skills": ["consult", "pen", "rf", "prp", "laser", "peel"],
        "hours": {day: [("09:00", "13:00"), ("14:00", "18:30")] for day in (0, 1, 2, 3)} | {5: [("10:00", "15:00")]},
        "bio": {
            "en": "Dermatologist. Scars, pigment and radio-frequency. Speaks Turkish and English.",
            "tr": "Dermatolog. İzler, lekeler ve radyofrekans. Türkçe ve İngilizce konuşur.",
            "es": "Dermatóloga. Cicatrices, manchas y radiofrecuencia. Habla turco e inglés.",
            "ar": "طبيبة جلدية. الندبات والتصبغات والترددات الراديوية. تتحدث التركية والإنجليزية.",
        },
    },
    {
        "slug": "nuria-ruiz",
        "page_phone": "+905325550172",
        "title": "",
        "name": "Nuria Ruiz",
        "gender": "woman",
        "email": "nuria@dermastudio.example",
        "registration": "TR-IST-77120",
        "skills": ["consult", "pen", "roller", "scalp", "peel"],
        "hours": {day: [("09:00", "13:30"), ("14:15", "18:00")] for day in (0, 1, 3, 4)} | {5: [("10:00", "16:00")]},
        "bio": {
            "en": "Skin therapist with eleven years of needling. Speaks Spanish, English and Turkish.",
            "tr": "On bir yıllık iğneleme deneyimi olan cilt terapisti. İspanyolca, İngilizce ve Türkçe konuşur.",
            "es": "Terapeuta de la piel con once años de experiencia. Habla español, inglés y turco.",
            "ar": "معالجة بشرة بخبرة إحدى عشرة سنة. تتحدث الإسبانية والإنجليزية والتركية.",
        },
    },
    {
        "slug": "layla-haddad",
        "title": "",
        "name": "Layla Haddad",
        "gender": "woman",
        "email": "layla@dermastudio.example",
        "registration": "TR-IST-80344",
        "skills": ["consult", "pen", "roller", "scalp", "prp"],
        "hours": {day: [("10:00", "14:00"), ("14:45", "19:00")] for day in (1, 2, 3, 4)} | {5: [("10:00", "16:00")]},
        "bio": {
            "en": "Nurse practitioner. Hair programmes and platelet-rich plasma. Speaks Arabic, English and Turkish.",
            "tr": "Uzman hemşire. Saç programları ve PRP. Arapça, İngilizce ve Türkçe konuşur.",
            "es": "Enfermera especialista. Programas capilares y plasma rico en plaquetas. Habla árabe, inglés y turco.",
            "ar": "ممرضة متخصصة. برامج الشعر والبلازما الغنية بالصفائح. تتحدث العربية والإنجليزية والتركية.",
        },
    },
    {
        "slug": "murat-tekin",
        "title": "Dr",
        "name": "Murat Tekin",
        "gender": "man",
        "email": "murat@dermastudio.example",
        "registration": "TR-IST-51907",
        "skills": ["consult", "pen", "rf", "laser", "scalp"],
        "hours": {day: [("09:30", "13:00"), ("13:45", "18:00")] for day in (0, 2, 4)} | {3: [("12:00", "20:00")]},
        "bio": {
            "en": "Aesthetic physician. Acne scars and hair. Speaks Turkish, German and English.",
            "tr": "Estetik hekimi. Akne izleri ve saç. Türkçe, Almanca ve İngilizce konuşur.",
            "es": "Médico estético. Cicatrices de acné y cabello. Habla turco, alemán e inglés.",
            "ar": "طبيب تجميل. ندبات حب الشباب والشعر. يتحدث التركية والألمانية والإنجليزية.",
        },
    },
]

ALL = ["pen", "roller", "rf", "prp", "scalp", "peel", "laser", "consult"]
ROOMS = [
    ("room-1", "Room 1", ["pen", "roller", "scalp", "peel", "prp", "consult"]),
    ("room-2", "Room 2", ["pen", "roller", "scalp", "peel", "prp", "consult"]),
    ("room-3", "Room 3", ["pen", "rf", "peel", "consult"]),
    ("room-4", "Room 4", ["rf", "laser", "pen"]),
    ("consulting", "Consulting room", ["consult", "peel"]),
]
DEVICES = [
    ("pen-1", "MD Pen 1", ["pen", "prp", "scalp"], "MD Pen", "P3", "P3-20415"),
    ("pen-2", "MD Pen 2", ["pen", "prp", "scalp"], "MD Pen", "P3", "P3-20988"),
    ("rf-1", "RF needle system", ["rf"], "Lumenis-type RF", "RF-8", "RF8-00731"),
    ("laser-1", "Non-ablative laser", ["laser"], "Erbium 1550", "E15", "E15-11402"),
]

# name, language, year of birth; telephone numbers are made from their place in this list
PATIENTS = [
    ("Elif Kaya", "tr", 1991), ("Ayşe Demir", "tr", 1984), ("Zeynep Şahin", "tr", 1996), ("Mert Aksoy", "tr", 1988),
    ("Işıl Güneş", "tr", 1979), ("Burak Çelik", "tr", 1993), ("Defne Arslan", "tr", 1999), ("Gizem Koç", "tr", 1990),
    ("Hande Öztürk", "tr", 1986), ("Cem Yalçın", "tr", 1982), ("Pelin Aydoğan", "tr", 1994), ("Serkan Polat", "tr", 1977),
    ("Melis Uçar", "tr", 2001), ("Onur Bilgin", "tr", 1985), ("Ceren Tunç", "tr", 1992), ("Tuğba Ergin", "tr", 1989),
    ("Aslı Kurt", "tr", 1995), ("Emre Doğan", "tr", 1990), ("Buse Kılıç", "tr", 1998), ("Sevgi Özkan", "tr", 1969),
    ("Lucía Moreno", "es", 1987), ("Carlos Ibáñez", "es", 1981), ("Marta Gil", "es", 1993), ("Javier Soto", "es", 1976),
    ("Ana Beltrán", "es", 1990), ("Paula Ortiz", "es", 1997), ("ريم الخطيب", "ar", 1992), ("نور حداد", "ar", 1988),
    ("سارة المصري", "ar", 1995), ("ليلى منصور", "ar", 1983), ("عمر ناصر", "ar", 1986), ("Hannah Brooks", "en", 1990),
    ("Sophie Turner-Hale", "en", 1985), ("Daniel Okafor", "en", 1979), ("Priya Raman", "en", 1994),
    ("Emily Watson", "en", 1988), ("Grace Lindqvist", "en", 1991), ("Tom Gallagher", "en", 1983),
    ("Aisha Rahman", "en", 1996), ("Megan Price", "en", 2000), ("Ingrid Vogel", "en", 1974), ("Noah Fischer", "en", 1992),
    ("Selma Yücel", "tr", 1981), ("Kerem Acar", "tr", 1987), ("Nazlı Taş", "tr", 1993), ("Deniz Kaplan", "tr", 1997),
    ("Yasemin Er", "tr", 1990), ("Barış Güler", "tr", 1984), ("Ebru Sarı", "tr", 1978), ("Lale Ateş", "tr", 1995),
    ("Fatma Boz", "tr", 1972), ("Hakan Sever", "tr", 1989), ("Damla Uslu", "tr", 1999), ("Esra Keskin", "tr", 1986),
]  # fmt: skip

# What each practitioner mostly does, as (treatment, areas).
USUAL = {
    "selin-aydin": [
        ("rf", ["face"]), ("laser", ["cheeks"]), ("peel", ["face"]), ("pen", ["face"]), ("prp", ["face"]), ("consult", ["face"]),
    ],
    "nuria-ruiz": [
        ("pen", ["face"]), ("pen", ["cheeks"]), ("roller", ["neck"]), ("peel", ["face"]),
        ("scalp", ["scalp"]), ("consult", ["face"]),
    ],
    "layla-haddad": [
        ("prp", ["face"]), ("scalp", ["scalp"]), ("pen", ["face", "neck"]), ("pen", ["scar"]), ("consult", ["face"]),
    ],
    "murat-tekin": [("pen", ["cheeks"]), ("scalp", ["scalp"]), ("rf", ["neck"]), ("laser", ["face"]), ("consult", ["face"])],
}  # fmt: skip

# Answers that a practitioner has to look at, on top of an otherwise quiet form; what a treatment does not ask is left out.
DOUBTFUL = [
    {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"},
    {"cold_sore": "past"},
    {"scars": "unsure"},
    {"rosacea": "calm"},
    {"acne": "few_spots"},
    {"immune": "unsure"},
    {"other_medicines": "Levothyroxine 50, mornings"},
]
MILD = [
    {"smoking": "yes"},
    {"actives": "cosmetic"},
    {"skin_type": "IV"},
    {"skin_type": "V", "dark_marks": "yes"},
    {},
    {},
    {},
    {},
]

# What patients wrote today: after a visit, and before one.
SORE = {
    "en": "My cheek feels hot and red, and it hurts more than yesterday.",
    "tr": "Yanağım sıcak ve kızarık, ağrım düne göre arttı.",
    "es": "Tengo la mejilla roja y caliente, y me duele más que ayer.",
    "ar": "خدي ساخن وأحمر والألم يزداد منذ أمس.",
}
LATER = {
    "en": "Could I come ten minutes later?",
    "tr": "On dakika sonra gelebilir miyim?",
    "es": "¿Puedo llegar diez minutos más tarde?",
    "ar": "هل يمكنني الحضور بعد الموعد بعشر دقائق؟",
}
PARKING = {
    "en": "Is there somewhere to park nearby?",
    "tr": "Yakında park edecek yer var mı?",
    "es": "¿Hay dónde aparcar cerca?",
    "ar": "هل يوجد موقف سيارات قريب؟",
}
