"""Invented names from the communities of Leeds. Nobody here exists."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Community:
    """Names with what often goes with them: language and ethnicity codes, and how often an interpreter is needed.

    last: family names as a woman and a man bear them, which differ in some languages.
    """

    girls: tuple[str, ...]
    boys: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[tuple[str, str], ...]
    language: str
    ethnicity: str
    interpreter: float
    weight: int


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


COMMUNITIES = (
    Community(
        girls=(
            "Ellie",
            "Maisie",
            "Grace",
            "Poppy",
            "Amelia",
            "Freya",
            "Isla",
            "Lacey",
            "Erin",
            "Holly",
            "Keira",
            "Scarlett",
        ),
        boys=(
            "Jack",
            "Alfie",
            "Noah",
            "Riley",
            "Tyler",
            "Oscar",
            "Harry",
            "Jayden",
            "Finley",
            "Kian",
            "Archie",
            "Logan",
        ),
        women=("Kelly", "Gemma", "Stacey", "Leanne", "Claire", "Hayley", "Natalie", "Donna", "Becky", "Lisa"),
        men=("Craig", "Lee", "Dean", "Gareth", "Mark", "Shaun", "Carl", "Wayne"),
        last=_same(
            "Hartley",
            "Barraclough",
            "Sugden",
            "Thackray",
            "Illingworth",
            "Ackroyd",
            "Binns",
            "Dobson",
            "Firth",
            "Garside",
            "Holroyd",
            "Kitson",
            "Lumb",
            "Murgatroyd",
            "Naylor",
            "Oldroyd",
            "Priestley",
            "Ramsden",
            "Sutcliffe",
            "Wadsworth",
        ),
        language="ENG",
        ethnicity="WBRI",
        interpreter=0.0,
        weight=40,
    ),
    Community(
        girls=("Zuzanna", "Maja", "Oliwia", "Hanna", "Lena", "Amelia", "Wiktoria"),
        boys=("Jakub", "Filip", "Szymon", "Kacper", "Antoni", "Oskar", "Wojciech"),
        women=("Agnieszka", "Katarzyna", "Monika", "Joanna", "Beata", "Dorota"),
        men=("Piotr", "Tomasz", "Marcin", "Paweł", "Krzysztof"),
        last=(
            ("Wójcik", "Wójcik"),
            ("Kowalczyk", "Kowalczyk"),
            ("Zielińska", "Zieliński"),
            ("Szymańska", "Szymański"),
            ("Dąbrowska", "Dąbrowski"),
            ("Król", "Król"),
            ("Pawłowska", "Pawłowski"),
            ("Mazur", "Mazur"),
        ),
        language="POL",
        ethnicity="WOTH",
        interpreter=0.35,
        weight=9,
    ),
    Community(
        girls=("Zdeňka", "Eliška", "Tereza", "Natálie", "Klára"),
        boys=("Matěj", "Vojtěch", "Ondřej", "Petr", "Lukáš"),
        women=("Jana", "Lenka", "Radka", "Věra", "Milena"),
        men=("Jiří", "Václav", "Roman", "Milan"),
        last=(
            ("Nováková", "Novák"),
            ("Horáková", "Horák"),
            ("Dvořáková", "Dvořák"),
            ("Černá", "Černý"),
            ("Šimková", "Šimek"),
        ),
        language="CZE",
        ethnicity="WOTH",
        interpreter=0.4,
        weight=5,
    ),
    Community(
        girls=("Vanesa", "Denisa", "Kristína", "Esmeralda", "Rebeka"),
        boys=("Samuel", "Dušan", "Erik", "Rudolf", "Kevin"),
        women=("Helena", "Iveta", "Žaneta", "Silvia"),
        men=("Ladislav", "Gejza", "Marek", "Koloman"),
        last=(
            ("Gáborová", "Gábor"),
            ("Horváthová", "Horváth"),
            ("Balážová", "Baláž"),
            ("Kandráčová", "Kandráč"),
            ("Tancošová", "Tancoš"),
        ),
        language="RMI",
        ethnicity="WROM",
        interpreter=0.5,
        weight=6,
    ),
    Community(
        girls=("Aaliyah", "Zara", "Maryam", "Hafsa", "Iqra", "Noor"),
        boys=("Ibrahim", "Zayn", "Hamza", "Bilal", "Yusuf", "Adeel"),
        women=("Shazia", "Nasreen", "Rukhsana", "Saima", "Uzma"),
        men=("Imran", "Tariq", "Khalid", "Nadeem", "Asif"),
        last=_same("Hussain", "Mahmood", "Akhtar", "Mirza", "Qureshi", "Rafiq", "Sharif", "Butt"),
        language="URD",
        ethnicity="APKN",
        interpreter=0.2,
        weight=12,
    ),
    Community(
        girls=("Layan", "Salma", "Rania", "Jana", "Yasmin"),
        boys=("Omar", "Karim", "Anas", "Tarek", "Mustafa"),
        women=("Hanan", "Amal", "Samira", "Fatima", "Nadia"),
        men=("Khaled", "Walid", "Mahmoud", "Rashid"),
        last=_same("Al-Masri", "Haddad", "Abdelrahman", "Saleh", "El-Sayed", "Khalil"),
        language="ARA",
        ethnicity="OARA",
        interpreter=0.45,
        weight=7,
    ),
    Community(
        girls=("Ioana", "Andreea", "Sofia", "Daria", "Bianca"),
        boys=("Andrei", "Mihai", "Luca", "Rareş", "Cristian"),
        women=("Elena", "Mihaela", "Gabriela", "Simona"),
        men=("Ionuţ", "Florin", "Adrian", "Vasile"),
        last=_same("Popescu", "Ionescu", "Dumitrescu", "Stan", "Munteanu", "Ciobanu"),
        language="RMN",
        ethnicity="WOTH",
        interpreter=0.4,
        weight=7,
    ),
    Community(
        girls=("Adaeze", "Temitope", "Ifeoma", "Blessing", "Simisola"),
        boys=("Chidi", "Tobi", "Emeka", "Ayomide", "Kelechi"),
        women=("Ngozi", "Funmilayo", "Chioma", "Folake", "Amaka"),
        men=("Chukwuma", "Babatunde", "Ikenna", "Segun"),
        last=_same("Okafor", "Adeyemi", "Eze", "Balogun", "Nwosu", "Ogunleye"),
        language="YOR",
        ethnicity="BNGN",
        interpreter=0.05,
        weight=7,
    ),
    Community(
        girls=("Ebony", "Shanice", "Tiana", "Jada"),
        boys=("Marlon", "Isaiah", "Jerome", "Malachi"),
        women=("Marcia", "Denise", "Yvonne", "Sharon"),
        men=("Delroy", "Winston", "Leroy", "Clive"),
        last=_same("Campbell", "Francis", "Grant", "Samuels", "Whyte"),
        language="ENG",
        ethnicity="BCRB",
        interpreter=0.0,
        weight=4,
    ),
    Community(
        girls=("Saba", "Feven", "Luwam", "Rahel"),
        boys=("Yonas", "Natnael", "Abel", "Filmon"),
        women=("Selam", "Mehret", "Tsige", "Almaz"),
        men=("Tesfay", "Berhane", "Dawit", "Kidane"),
        last=_same("Tekle", "Gebremariam", "Habte", "Woldu"),
        language="TGR",
        ethnicity="BAOF",
        interpreter=0.6,
        weight=3,
    ),
)
WEIGHTS = [community.weight for community in COMMUNITIES]
STREETS = (
    "Invented Row", "Imaginary Terrace", "Fable Street", "Pretend Avenue", "Story Grove", "Notional Road", "Fiction Mount",
    "Makebelieve Place", "Legend Close", "Sample View", "Specimen Walk", "Example Crescent", "Likely Lane", "Conjecture Court",
)  # fmt: skip


def community(random: Random) -> Community:
    return random.choices(COMMUNITIES, WEIGHTS)[0]
