"""Words that exports use where the import knows an id: Dutch names of services and languages, and
what client systems call the reasons for closing. All of them are names that the import understands
(shared/places, deploy/presets)."""

SERVICE_WORDS = {
    "onthaal": "Onthaal en vraagverheldering",
    "leefloon": "Leefloon",
    "equivalent-leefloon": "Equivalent leefloon",
    "huurwaarborg": "Huurwaarborg",
    "installatiepremie": "Installatiepremie",
    "medische-kosten": "Tussenkomst medische kosten",
    "budgetbeheer": "Budgetbegeleiding en budgetbeheer",
    "schuldbemiddeling": "Schuldbemiddeling",
    "woonbegeleiding": "Woonbegeleiding",
    "toeleiding": "Toeleiding door een brugfiguur",
    "inburgering-intake": "Aanmelding en intake inburgering",
    "trajectbegeleiding": "Trajectbegeleiding inburgering",
    "taalinschatting": "Taalinschatting en intake NT2",
    "mo-dag": "Maatschappelijke oriëntatie (MO), overdag",
    "mo-avond": "Maatschappelijke oriëntatie (MO), 's avonds",
    "netwerktraject": "Participatie- en netwerktraject",
    "vreemdelingenrecht": "Juridisch advies vreemdelingenrecht",
    "psychosociaal": "Psychosociale begeleiding",
    "jongeren": "Jongerenonthaal (JAC)",
    "dmw-rechten": "Dienst maatschappelijk werk ziekenfonds",
    "rechtenverkenning": "Rechtenverkenning",
    "nt2-alfa-a1-dag": "NT2 alfa A1, overdag",
    "nt2-a1-dag": "NT2 A1, overdag",
    "nt2-a1-avond": "NT2 A1, 's avonds",
    "nt2-a2-dag": "NT2 A2, overdag",
    "nt2-a2-avond": "NT2 A2, 's avonds",
    "nt2-b1-avond": "NT2 B1, 's avonds",
    "buddy": "Buddywerking",
    "brieven": "Hulp bij brieven en formulieren",
    "taaloefening": "Oefenkansen Nederlands",
}

# What a package calls them; the others go by their Dutch name.
PACKAGE_SERVICE_WORDS = SERVICE_WORDS | {
    "onthaal": "Sociaal onthaal",
    "leefloon": "RMI",
    "equivalent-leefloon": "ELL",
    "huurwaarborg": "Waarborg",
    "medische-kosten": "Medische kaart",
    "budgetbeheer": "Budgetbegeleiding",
    "schuldbemiddeling": "Schuldhulpverlening",
    "woonbegeleiding": "Wonen",
}

LANGUAGE_WORDS = {
    "ara": "Arabisch",
    "ukr": "Oekraïens",
    "ron": "Roemeens",
    "prs": "Dari",
    "tur": "Turks",
    "pus": "Pasjtoe",
    "nld": "Nederlands",
    "fra": "Frans",
    "bul": "Bulgaars",
    "ary": "Marokkaans Arabisch",
    "rus": "Russisch",
    "eng": "Engels",
    "tir": "Tigrinya",
    "som": "Somalisch",
    "kmr": "Kurmanci",
    "sqi": "Albanees",
    "spa": "Spaans",
    "pol": "Pools",
    "por": "Portugees",
    "lin": "Lingala",
    "fas": "Perzisch",
    "urd": "Urdu",
    "amh": "Amhaars",
}

REASON_WORDS = {
    "finished": "afgerond",
    "moved": "verhuisd",
    "elsewhere": "doorverwezen",
    "unreachable": "niet bereikbaar",
    "refused": "ziet af van hulp",
    "not-competent": "niet bevoegd",
    "other": "andere",
}
