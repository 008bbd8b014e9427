#include "node/import/identity.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char *const strict_words[] = {
    "voornaam",
    "voornamen",
    "familienaam",
    "achternaam",
    "roepnaam",
    "prenom",
    "prenoms",
    "firstname",
    "lastname",
    "surname",
    "forename",
    "rijksregister",
    "rijksregisternr",
    "rijksregisternummer",
    "rrn",
    "insz",
    "niss",
    "nrn",
    "bisnummer",
    "geboortedatum",
    "geboorteplaats",
    "naissance",
    "birthdate",
    "birthday",
    "dob",
    "telefoon",
    "telefoonnummer",
    "tel",
    "telephone",
    "phone",
    "gsm",
    "gsmnummer",
    "mobile",
    "mobiel",
    "email",
    "mail",
    "mailadres",
    "emailadres",
    "courriel",
    "iban",
    "rekeningnummer",
    "huisnummer",
    "straat",
    "straatnaam",
    "rue",
    "street",
    "paspoortnummer",
    "passport",
    "vreemdelingendossier",
};

static const char *const loose_words[] = {
    "naam",     "name",    "nom",      "adres",      "adresse",    "address",
    "geboren",  "birth",   "client",   "clientnaam", "clientname", "partner",
    "kinderen", "enfants", "children", "nationaal",  "national",
};

static bool has_word(const char *folded, const char *word) {
    size_t length = strlen(word);
    for (const char *at = strstr(folded, word); at != NULL; at = strstr(at + 1, word)) {
        bool starts = at == folded || at[-1] == ' ';
        bool ends = at[length] == '\0' || at[length] == ' ';
        if (starts && ends) {
            return true;
        }
    }
    return false;
}

bool identity_heading_strict(const char *folded) {
    for (size_t i = 0; i < sizeof(strict_words) / sizeof(strict_words[0]); i++) {
        if (has_word(folded, strict_words[i])) {
            return true;
        }
    }
    return has_word(folded, "national number") || has_word(folded, "numero national") ||
           has_word(folded, "nationaal nummer") || has_word(folded, "e mail") ||
           has_word(folded, "first name") || has_word(folded, "last name");
}

bool identity_heading(const char *folded) {
    for (size_t i = 0; i < sizeof(loose_words) / sizeof(loose_words[0]); i++) {
        if (has_word(folded, loose_words[i])) {
            return true;
        }
    }
    return identity_heading_strict(folded);
}

bool is_national_number(const char *text) {
    uint64_t number = 0;
    int digits = 0;
    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9') {
            number = number * 10 + (uint64_t)(*text - '0');
            digits++;
        } else if (strchr(" .-/", *text) == NULL) {
            return false;
        }
        if (digits > 11) {
            return false;
        }
    }
    uint64_t nine = number / 100;
    uint64_t check = number % 100;
    uint64_t month = number / 10000000 % 100;
    bool month_possible = month % 20 <= 12 && month < 60;
    bool check_right = check == 97 - nine % 97 || check == 97 - (UINT64_C(2000000000) + nine) % 97;
    return digits == 11 && month_possible && check_right;
}
