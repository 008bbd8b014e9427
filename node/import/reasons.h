/* What is wrong with a row, or with a whole file: the closed list of reasons, their sentences, and
 * the shapes in which both file readers hand them out.
 *
 * These are for the person who holds the file and can mend it; nothing of it leaves the node. The
 * sentences stand here and not in the catalogue because a reason without its sentence is useless
 * and FILE.rejected.csv is written without a catalogue. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/import/csv.h"

/* name, Dutch, English, French */
#define ROW_REASON_LIST(X)                                                                         \
    X(ROW_REASON_NUL, "bevat een nulbyte", "holds a zero byte", "contient un octet nul")           \
    X(ROW_REASON_TOO_LONG, "de rij is te lang, of een aanhalingsteken werd niet gesloten",         \
      "the row is too long, or a quote wasn't closed",                                             \
      "la ligne est trop longue, ou un guillemet n'est pas fermé")                                 \
    X(ROW_REASON_TOO_MANY_COLUMNS, "te veel kolommen", "too many columns", "trop de colonnes")     \
    X(ROW_REASON_AFTER_QUOTE, "tekst na het sluitende aanhalingsteken",                            \
      "text after the closing quote", "texte après le guillemet fermant")                          \
    X(ROW_REASON_OPEN_QUOTE, "een aanhalingsteken werd niet gesloten", "a quote wasn't closed",    \
      "un guillemet n'est pas fermé")                                                              \
    X(ROW_REASON_UTF16, "het bestand is UTF-16: bewaar het als \"CSV UTF-8\"",                     \
      "the file is UTF-16: save it as \"CSV UTF-8\"",                                              \
      "le fichier est en UTF-16 : enregistrez-le en « CSV UTF-8 »")                                \
    X(ROW_REASON_COLUMN_COUNT, "de rij heeft een ander aantal kolommen dan de kopregel",           \
      "the row hasn't as many columns as the heading",                                             \
      "la ligne n'a pas autant de colonnes que l'en-tête")                                         \
    X(ROW_REASON_EMPTY_FILE, "het bestand is leeg", "the file is empty", "le fichier est vide")    \
    X(ROW_REASON_MISSING_COLUMN, "deze kolom ontbreekt in de kopregel",                            \
      "this column isn't in the heading", "cette colonne manque dans l'en-tête")                   \
    X(ROW_REASON_COLUMN_TWICE, "deze kolom staat twee keer in de kopregel",                        \
      "this column stands twice in the heading", "cette colonne figure deux fois dans l'en-tête")  \
    X(ROW_REASON_TOO_MANY_ROWS, "het bestand heeft te veel rijen", "the file has too many rows",   \
      "le fichier a trop de lignes")                                                               \
    X(ROW_REASON_MISSING, "is niet ingevuld", "isn't filled in", "n'est pas rempli")               \
    X(ROW_REASON_ID_TOO_LONG, "het eigen nummer is langer dan 64 tekens",                          \
      "the own id is longer than 64 bytes", "le numéro propre dépasse 64 caractères")              \
    X(ROW_REASON_ID_NATIONAL_NUMBER, "een rijksregisternummer mag niet als eigen nummer dienen",   \
      "a national number can't serve as own id",                                                   \
      "un numéro national ne peut pas servir de numéro propre")                                    \
    X(ROW_REASON_ID_TWICE, "dit eigen nummer stond al op een eerdere rij",                         \
      "an earlier row has this own id", "une ligne précédente porte déjà ce numéro")               \
    X(ROW_REASON_DATE_UNREADABLE, "onleesbare of onbestaande datum",                               \
      "unreadable or impossible date", "date illisible ou impossible")                             \
    X(ROW_REASON_DATE_FUTURE, "datum in de toekomst", "date in the future", "date dans le futur")  \
    X(ROW_REASON_DATE_TOO_OLD, "datum van meer dan 30 jaar geleden",                               \
      "date of more than 30 years ago", "date de plus de 30 ans")                                  \
    X(ROW_REASON_APPOINTMENT_BEFORE_ASKED, "eerste afspraak vóór de aanvraag",                     \
      "first appointment before the request", "premier rendez-vous avant la demande")              \
    X(ROW_REASON_CLOSED_BEFORE_ASKED, "afgesloten vóór de aanvraag", "closed before the request",  \
      "clôturé avant la demande")                                                                  \
    X(ROW_REASON_CLOSED_BEFORE_APPOINTMENT, "afgesloten vóór de eerste afspraak",                  \
      "closed before the first appointment", "clôturé avant le premier rendez-vous")               \
    X(ROW_REASON_REASON_WITHOUT_DATE, "reden van afsluiting zonder datum van afsluiting",          \
      "reason for closing without a closing date", "motif de clôture sans date de clôture")        \
    X(ROW_REASON_UNKNOWN_MUNICIPALITY, "onbekende gemeente", "unknown municipality",               \
      "commune inconnue")                                                                          \
    X(ROW_REASON_UNKNOWN_SERVICE, "onbekende dienst", "unknown service", "service inconnu")        \
    X(ROW_REASON_UNKNOWN_LANGUAGE, "onbekende taal", "unknown language", "langue inconnue")        \
    X(ROW_REASON_UNKNOWN_CLOSE_REASON, "onbekende reden van afsluiting",                           \
      "unknown reason for closing", "motif de clôture inconnu")                                    \
    X(ROW_REASON_NUMBER_UNREADABLE, "geen getal, negatief of te groot",                            \
      "not a number, negative or too large", "pas un nombre, négatif ou trop grand")               \
    X(ROW_REASON_BINS_HEADING, "de kolommen met wachttijden sluiten niet op elkaar aan",           \
      "the columns of waits don't follow on each other",                                           \
      "les colonnes des délais ne se suivent pas")                                                 \
    X(ROW_REASON_BINS_SUM, "de wachttijden zijn samen niet gelijk aan het totaal",                 \
      "the waits don't add up to the total", "la somme des délais n'égale pas le total")           \
    X(ROW_REASON_PERIOD, "de periode is langer dan 400 dagen of korter dan één",                   \
      "the period is longer than 400 days or shorter than one",                                    \
      "la période dépasse 400 jours ou n'atteint pas un jour")                                     \
    X(ROW_REASON_FIGURES_TWICE, "een eerdere rij heeft dezelfde periode, dienst en gemeente",      \
      "an earlier row has the same period, service and municipality",                              \
      "une ligne précédente a les mêmes période, service et commune")                              \
    X(ROW_REASON_EXCEL,                                                                            \
      "dit is een Excel-bestand: bewaar het als CSV (gescheiden door puntkomma's) en importeer "   \
      "dat",                                                                                       \
      "this is an Excel file: save it as CSV (separated by semicolons) and import that",           \
      "c'est un fichier Excel : enregistrez-le en CSV (séparateur point-virgule) et importez-le")  \
    X(ROW_REASON_REJECTED_FILE,                                                                    \
      "dit zijn alleen de geweigerde rijen: verbeter de rijen in de export zelf en importeer die " \
      "opnieuw",                                                                                   \
      "these are the refused rows only: mend the rows in the export itself and import that again", \
      "ce ne sont que les lignes refusées : corrigez-les dans l'export même et réimportez-le")

#define X(name, nl, en, fr) name,
enum row_reason { ROW_REASON_NONE = 0, ROW_REASON_LIST(X) ROW_REASON_COUNT };
#undef X

enum row_tongue { ROW_TONGUE_NL, ROW_TONGUE_EN, ROW_TONGUE_FR };

enum { ROW_ERRORS_MAX = 8 }; /* of one row; what comes beyond isn't named */

/* Texts are borrowed and valid during the callback. */
struct row_error {
    uint32_t line;           /* physical line of the file, from 1 */
    uint32_t column;         /* from 1; 0 where it is the whole row */
    const char *column_name; /* as the file's heading spells it; "" where there is none */
    const char *value;       /* what stood there, whole: the headings found where one is missing;
                              * "" where that says nothing */
    uint32_t earlier_line;   /* for the *_TWICE reasons, else 0 */
    enum row_reason reason;
};

struct row_rejection {
    const struct row_error *errors;
    size_t count;                    /* at least 1 */
    const struct csv_record *record; /* the row; NULL where it couldn't be taken apart */
    bool whole_file;                 /* nothing of the file is used; the reader takes no more */
};

enum column_note {
    COLUMN_NOTE_IDENTITY = 1, /* names a person: not stored */
    COLUMN_NOTE_IGNORED,      /* no meaning here: not stored */
};

/* Told once a column, with the heading; and the words for it. */
struct row_note {
    uint32_t column;
    const char *column_name;
    enum column_note note;
};

/* UTF-8, static. NULL for a number that isn't on the list. */
const char *row_reason_text(enum row_reason reason, enum row_tongue tongue);
const char *column_note_text(enum column_note note, enum row_tongue tongue);

/* What a fault of the CSV reader is called here. */
enum row_reason row_reason_of_fault(enum csv_fault fault);
