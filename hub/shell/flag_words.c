#include "hub/shell/flag_words.h"

#include "shared/base/family_lists.h"
#include "shared/io/cli.h"

/* What is reported, and by whom it isn't: silence isn't absence, and nobody is blamed. */
static const struct cli_text kinds[] = {
    [FLAG_GAP_AHEAD] = {{"steun dichtbij loopt af, nog geen opvolger gemeld",
                         "near support is ending, no successor reported yet",
                         "l'aide proche se termine, pas encore de relais signalé"}},
    [FLAG_NO_LOCAL] = {{"geen organisatie meldt nu steun dichtbij",
                        "no organisation currently reports near support",
                        "aucune organisation ne signale d'aide proche"}},
    [FLAG_ASKED_NOT_TAKEN] = {{"gevraagd, nog door niemand opgenomen",
                               "asked, taken up by nobody yet", "demandé, pas encore repris"}},
    [FLAG_SILENT] = {{"steun al lang niet bevestigd", "support not confirmed for long",
                      "aide non confirmée depuis longtemps"}},
    [FLAG_CONCERN] = {{"bezorgdheid", "concern", "souci"}},
    [FLAG_ONE_LEFT] = {{"nog één organisatie meldt steun", "one organisation still reports support",
                        "une seule organisation signale encore une aide"}},
    [FLAG_NODE_QUIET] = {{"van een knooppunt komt niets meer", "a node has gone quiet",
                          "un nœud ne se manifeste plus"}},
    [FLAG_CALL_BACK] = {{"een vraag om terug te bellen wacht", "a call-back waits",
                         "un rappel attend"}},
};

static const struct cli_text states[] = {
    [FLAG_OPEN] = {{"open", "open", "ouvert"}},
    [FLAG_ACKNOWLEDGED] = {{"opgenomen", "taken", "pris en charge"}},
    [FLAG_CONTACTED] = {{"gezin gesproken", "family contacted", "famille contactée"}},
    [FLAG_CLOSED] = {{"gesloten", "closed", "clos"}},
};

static const struct cli_text refusals[] = {
    [ASK_LACK_OF_CAPACITY] = {{"geen capaciteit", "lack of capacity", "manque de capacité"}},
    [ASK_UNABLE_TO_CONTACT] = {{"niet bereikt", "unable to contact", "pas de contact"}},
    [ASK_FAMILY_DECLINED] = {{"gezin wil niet", "family declined", "la famille ne veut pas"}},
    [ASK_NOT_COMPETENT] = {{"niet bevoegd", "not competent", "non compétent"}},
    [ASK_NO_RIGHT] = {{"voldoet niet aan voorwaarden", "conditions not met",
                       "conditions non remplies"}},
    [ASK_LANGUAGE] = {{"taal", "language", "langue"}},
    [ASK_OTHER] = {{"andere reden", "other reason", "autre raison"}},
};

static const struct cli_text concerns[] = {
    [CONCERN_NOBODY_HELPS] = {{"niemand helpt", "nobody helps", "personne n'aide"}},
    [CONCERN_NO_ANSWER] = {{"een organisatie antwoordt niet", "an organisation doesn't answer",
                            "une organisation ne répond pas"}},
    [CONCERN_WAITING] = {{"te lang wachten", "waiting too long", "attente trop longue"}},
    [CONCERN_LANGUAGE] = {{"taal", "language", "langue"}},
    [CONCERN_HOUSING] = {{"wonen", "housing", "logement"}},
    [CONCERN_INCOME] = {{"inkomen", "income", "revenu"}},
    [CONCERN_HEALTH] = {{"gezondheid", "health", "santé"}},
    [CONCERN_SCHOOL] = {{"school", "school", "école"}},
    [CONCERN_PAPERS] = {{"papieren", "papers", "papiers"}},
    [CONCERN_ALONE] = {{"alleen", "alone", "seul"}},
    [CONCERN_OTHER] = {{"iets anders", "something else", "autre chose"}},
};

static const char *word(enum lang lang, const struct cli_text *words, unsigned number,
                        const char *code) {
    return number == 0 ? code : cli_pick(&words[number], lang);
}

const char *flag_word_kind(enum lang lang, const char *code) {
    return word(lang, kinds, flag_kind_parse(code), code);
}

const char *flag_word_state(enum lang lang, const char *code) {
    return word(lang, states, flag_state_parse(code), code);
}

const char *flag_word_refusal(enum lang lang, const char *code) {
    return word(lang, refusals, ask_reason_parse(code), code);
}

const char *flag_word_concern(enum lang lang, const char *code) {
    return word(lang, concerns, concern_reason_parse(code), code);
}
