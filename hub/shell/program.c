#include "hub/shell/commands.h"
#include "hub/shell/daemon.h"

/* The whole command line as data: help, man page and parsing are made of it (shared/io/cli.h). */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum cli_status command_run(void *ctx, const struct cli_call *call) {
    (void)ctx;
    return daemon_run(call);
}

static enum cli_status command_man(void *ctx, const struct cli_call *call) {
    (void)ctx;
    cli_man(call->program, call->lang, call->out);
    return CLI_OK;
}

#ifdef VANGNET_TEST_CLOCK
#define TEST_CLOCK_OPTION                                                                          \
    {                                                                                              \
        .name = "test-clock", .kind = CLI_TEXT, .placeholder = "SOCKET", .help = {                 \
            {"laat een proef de klok zetten", "let a test set the clock",                          \
             "laisse un essai régler l'horloge"}                                                   \
        }                                                                                          \
    }
#endif

static const struct cli_argument organisation[] = {
    {.name = "ORG",
     .help = {{"id van de organisatie", "the organisation's id", "l'id de l'organisation"}}},
};
static const struct cli_argument user[] = {
    {.name = "USER", .help = {{"id van de gebruiker", "the user's id", "l'id de l'utilisateur"}}},
};
static const struct cli_argument token[] = {
    {.name = "TOKEN",
     .help = {{"het token, of zijn id", "the token, or its id", "le jeton ou son id"}}},
};
static const struct cli_argument file[] = {
    {.name = "FILE", .help = {{"waar de kopie komt", "where the copy goes", "où va la copie"}}},
};

static const struct cli_option backup_options[] = {
    {.name = "keyring",
     .kind = CLI_TEXT,
     .placeholder = "DIR",
     .help = {{"map waar de kopie van de sleutelbos komt (naast FILE); na 30 dagen te vernietigen",
               "directory for the copy of the keyring (beside FILE); to be destroyed after 30 days",
               "dossier de la copie du trousseau (à côté de FILE) ; à détruire après 30 jours"}}},
};

static const struct cli_option json[] = {
    {.name = "json",
     .kind = CLI_FLAG,
     .help = {{"geef de JSON van de API", "give the API's JSON", "donne le JSON de l'API"}}},
};

static const struct cli_option flags_options[] = {
    {.name = "all",
     .kind = CLI_FLAG,
     .help = {{"niet alleen de oudste", "not only the oldest", "pas seulement les plus anciens"}}},
    {.name = "json",
     .kind = CLI_FLAG,
     .help = {{"geef de JSON van de API", "give the API's JSON", "donne le JSON de l'API"}}},
};

static const struct cli_option counts_options[] = {
    {.name = "weeks",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"hoeveel weken (8)", "how many weeks (8)", "combien de semaines (8)"}}},
    {.name = "quarter",
     .kind = CLI_TEXT,
     .placeholder = "QUARTER",
     .help = {{"alleen dit kwartaal, zoals 2026-Q4", "this quarter only, as in 2026-Q4",
               "ce trimestre seul, comme 2026-Q4"}}},
    {.name = "json",
     .kind = CLI_FLAG,
     .help = {{"geef de JSON van de API: weken, of met --quarter dat kwartaal",
               "give the API's JSON: weeks, or with --quarter that quarter",
               "donne le JSON de l'API : semaines, ou avec --quarter ce trimestre"}}},
};

static const struct cli_option init_options[] = {
    {.name = "hub",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .required = true,
     .help = {{"id van de hub: kleine letters, cijfers en '-'; verandert nooit meer",
               "the hub's id: lower-case letters, digits and '-'; never changes",
               "l'id du hub : minuscules, chiffres et '-' ; ne change plus jamais"}}},
    {.name = "name",
     .kind = CLI_TEXT,
     .placeholder = "REGIO",
     .required = true,
     .help = {{"naam van de regio", "the region's name", "le nom de la région"}}},
    {.name = "listen",
     .kind = CLI_TEXT,
     .placeholder = "tcp://ADDR:PORT",
     .help = {{"waar leden verbinden (tcp://127.0.0.1:5670)",
               "where members connect (tcp://127.0.0.1:5670)",
               "où se connectent les membres (tcp://127.0.0.1:5670)"}}},
    {.name = "enrol",
     .kind = CLI_TEXT,
     .placeholder = "tcp://ADDR:PORT",
     .help = {{"waar uitgenodigde organisaties zich aanmelden (tcp://127.0.0.1:5671)",
               "where invited organisations ask to join (tcp://127.0.0.1:5671)",
               "où s'inscrivent les organisations invitées (tcp://127.0.0.1:5671)"}}},
    {.name = "public",
     .kind = CLI_TEXT,
     .placeholder = "HOST",
     .help = {{"naam waaronder leden de hub bereiken, voor in uitnodigingen",
               "name under which members reach the hub, for invitations",
               "nom sous lequel les membres joignent le hub, pour les invitations"}}},
    {.name = "api",
     .kind = CLI_TEXT,
     .placeholder = "ADDR:PORT",
     .help = {{"waar de HTTP-API luistert (127.0.0.1:8670)",
               "where the HTTP API listens (127.0.0.1:8670)",
               "où écoute l'API HTTP (127.0.0.1:8670)"}}},
#ifdef VANGNET_TEST_CLOCK
    TEST_CLOCK_OPTION,
#endif
};

#ifdef VANGNET_TEST_CLOCK
static const struct cli_option run_options[] = {TEST_CLOCK_OPTION};
#endif

static const struct cli_option invite_options[] = {
    {.name = "org",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .help = {{"alleen voor deze organisatie", "for this organisation only",
               "pour cette organisation seulement"}}},
    {.name = "days",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"dagen dat ze geldt (7, hoogstens 31)", "days that it's valid (7, 31 at most)",
               "jours de validité (7, 31 au plus)"}}},
    {.name = "approve",
     .kind = CLI_FLAG,
     .help = {{"wie ze gebruikt is meteen lid, zonder vergelijken van woorden: voor proeven",
               "who uses it is a member at once, without comparing words: for trials",
               "qui l'utilise est membre aussitôt, sans comparer de mots : pour essais"}}},
};
static const struct cli_option approve_options[] = {
    {.name = "yes",
     .kind = CLI_FLAG,
     .help = {{"niet vragen: de woorden zijn al vergeleken",
               "don't ask: the words were compared already",
               "ne pas demander : les mots ont déjà été comparés"}}},
};
static const struct cli_option revoke_options[] = {
    {.name = "reason",
     .kind = CLI_TEXT,
     .placeholder = "TEXT",
     .required = true,
     .help = {{"waarom; alle leden lezen dit", "why; all members read this",
               "pourquoi ; tous les membres le lisent"}}},
};
static const struct cli_option set_options[] = {
    {.name = "may-take-consent",
     .kind = CLI_TEXT,
     .placeholder = "no|limited|full",
     .help =
         {{"welke toestemming ze aan gezinnen mag vragen; wat ze al opnam, blijft gelden",
           "which consent it may ask of families; what it took already stands",
           "quel consentement elle peut demander ; ce qu'elle a déjà recueilli reste valable"}}},
    {.name = "may-sanction",
     .kind = CLI_TEXT,
     .placeholder = "yes|no",
     .help = {{"mag sancties opleggen: dan is ze nooit terugvalcontact",
               "may impose sanctions: then it's never a fallback",
               "peut imposer des sanctions : alors jamais contact de repli"}}},
    {.name = "hidden",
     .kind = CLI_TEXT,
     .placeholder = "yes|no",
     .help = {{"haar naam blijft voor gezinnen verborgen, tenzij ze anders zegt",
               "its name stays hidden from families, unless it says otherwise",
               "son nom reste caché aux familles, sauf si elle en décide autrement"}}},
    {.name = "kind",
     .kind = CLI_TEXT,
     .placeholder = "KIND",
     .help = {{"ocmw, agii, caw, dmw, volunteers, school, vdab, nt2, interpreter, refuge, "
               "addiction of other",
               "ocmw, agii, caw, dmw, volunteers, school, vdab, nt2, interpreter, refuge, "
               "addiction or other",
               "ocmw, agii, caw, dmw, volunteers, school, vdab, nt2, interpreter, refuge, "
               "addiction ou other"}}},
};
static const struct cli_option user_options[] = {
    {.name = "role",
     .kind = CLI_TEXT,
     .placeholder = "ROLE",
     .required = true,
     .help = {{"administrator, coordinator of reader", "administrator, coordinator or reader",
               "administrator, coordinator ou reader"}}},
    {.name = "team", .kind = CLI_TEXT, .placeholder = "ID", .help = {{"team", "team", "équipe"}}},
    {.name = "deputy",
     .kind = CLI_TEXT,
     .placeholder = "USER",
     .help = {{"wie vervangt", "who stands in", "qui remplace"}}},
};
static const struct cli_option token_options[] = {
    {.name = "days",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"dagen dat het geldt (zonder einde)", "days that it's valid (without end)",
               "jours de validité (sans fin)"}}},
    {.name = "label",
     .kind = CLI_TEXT,
     .placeholder = "TEXT",
     .help = {{"waarvoor het dient", "what it's for", "à quoi il sert"}}},
};
static const struct cli_option load_options[] = {
    {.name = "by",
     .kind = CLI_TEXT,
     .placeholder = "CUT",
     .help = {{"service (standaard), organisation, municipality of language",
               "service (the default), organisation, municipality or language",
               "service (par défaut), organisation, municipality ou language"}}},
    {.name = "organisation",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .help = {{"alleen deze organisatie", "this organisation only", "cette organisation seule"}}},
    {.name = "service",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .help = {{"alleen deze dienst", "this service only", "ce service seul"}}},
    {.name = "municipality",
     .kind = CLI_TEXT,
     .placeholder = "NIS",
     .help = {{"alleen deze gemeente", "this municipality only", "cette commune seule"}}},
    {.name = "language",
     .kind = CLI_TEXT,
     .placeholder = "CODE",
     .help = {{"alleen deze contacttaal (ISO 639-3)", "this contact language only (ISO 639-3)",
               "cette langue de contact seule (ISO 639-3)"}}},
    {.name = "week",
     .kind = CLI_TEXT,
     .placeholder = "WEEK",
     .help = {{"zoals het toen stond: 2026-W47 of 2026-11-22",
               "as it stood then: 2026-W47 or 2026-11-22",
               "tel que c'était : 2026-W47 ou 2026-11-22"}}},
    {.name = "cursor",
     .kind = CLI_TEXT,
     .placeholder = "NEXT",
     .help = {{"met --json: de volgende bladzijde", "with --json: the next page",
               "avec --json : la page suivante"}}},
    {.name = "json",
     .kind = CLI_FLAG,
     .help = {{"geef de JSON van de API", "give the API's JSON", "donne le JSON de l'API"}}},
    {.name = "region",
     .kind = CLI_FLAG,
     .help = {{"opgeteld over de organisaties van de regio", "added up over the region",
               "total de la région"}}},
    {.name = "watch",
     .kind = CLI_FLAG,
     .help = {{"toon opnieuw om de vijf seconden", "show again every five seconds",
               "réaffiche toutes les cinq secondes"}}},
};

static const struct cli_command commands[] = {
    {.name = "init",
     .help = {{"maak een hub: map, sleutels, instellingen, eerste gebruiker",
               "make a hub: directory, keys, settings, first user",
               "crée un hub : dossier, clés, réglages, premier utilisateur"}},
     .options = init_options,
     .option_count = COUNT(init_options),
     .example = "init --dir /var/lib/vangnet-hub --hub zwvl --name \"Zuid-West-Vlaanderen\"",
     .run = command_init},
    {.name = "run",
     .help = {{"draai de hub, tot Ctrl-C of SIGTERM", "run the hub, until Ctrl-C or SIGTERM",
               "fait tourner le hub, jusqu'à Ctrl-C ou SIGTERM"}},
#ifdef VANGNET_TEST_CLOCK
     .options = run_options,
     .option_count = COUNT(run_options),
#endif
     .example = "run --dir /var/lib/vangnet-hub",
     .run = command_run},
    {.name = "invite",
     .help = {{"maak een uitnodiging voor een organisatie",
               "make an invitation for an organisation",
               "crée une invitation pour une organisation"}},
     .options = invite_options,
     .option_count = COUNT(invite_options),
     .example = "invite --org ocmw-kuurne",
     .run = command_invite},
    {.name = "approve",
     .help = {{"vergelijk zes woorden en laat een organisatie toe",
               "compare six words and let an organisation in",
               "compare six mots et admet une organisation"}},
     .arguments = organisation,
     .argument_count = 1,
     .options = approve_options,
     .option_count = COUNT(approve_options),
     .example = "approve ocmw-kuurne",
     .run = command_approve},
    {.name = "decline",
     .help = {{"weiger een aanvraag", "decline a request", "refuse une demande"}},
     .arguments = organisation,
     .argument_count = 1,
     .example = "decline ocmw-kuurne",
     .run = command_decline},
    {.name = "members",
     .help = {{"toon wie lid is en wie wacht", "show who is a member and who waits",
               "affiche les membres et les demandes"}},
     .options = json,
     .option_count = COUNT(json),
     .example = "members",
     .run = command_members},
    {.name = "member set",
     .help = {{"wijzig wat een lid is en mag, vanaf nu (met de sleutel van de directeur)",
               "change what a member is and may, from now on (with the director's key)",
               "change ce qu'un membre est et peut, dès maintenant (avec la clé du directeur)"}},
     .arguments = organisation,
     .argument_count = 1,
     .options = set_options,
     .option_count = COUNT(set_options),
     .example = "member set buddies-kuurne --may-take-consent limited\n"
                "member set vdab-kortrijk --may-sanction yes",
     .run = command_member_set},
    {.name = "revoke",
     .help = {{"trek de toegang van een lid in, vanaf nu", "revoke a member's access, from now on",
               "retire l'accès d'un membre, dès maintenant"}},
     .arguments = organisation,
     .argument_count = 1,
     .options = revoke_options,
     .option_count = COUNT(revoke_options),
     .example = "revoke ocmw-kuurne --reason \"sleutel gestolen\"",
     .run = command_revoke},
    {.name = "load",
     .help = {{"toon de belasting en de wachttijden van de regio",
               "show the region's load and waits",
               "affiche la charge et les attentes de la région"}},
     .options = load_options,
     .option_count = COUNT(load_options),
     .example = "load --by organisation\nload --region --by municipality\n"
                "load --service onthaal --watch",
     .run = command_load},
    {.name = "flags",
     .help = {{"toon welke vlaggen open staan, hoe lang en wie aan zet is",
               "show which flags are open, how long and whose turn it is",
               "affiche les signaux ouverts, depuis quand et à qui le tour"}},
     .options = flags_options,
     .option_count = COUNT(flags_options),
     .example = "flags\nflags --all",
     .run = command_flags},
    {.name = "flags counts",
     .help = {{"toon aantallen per week, en dagen en redenen per kwartaal",
               "show counts per week, and days and reasons per quarter",
               "affiche les nombres par semaine, les jours et motifs par trimestre"}},
     .options = counts_options,
     .option_count = COUNT(counts_options),
     .example = "flags counts\nflags counts --quarter 2026-Q4",
     .run = command_flags_counts},
    {.name = "erasures",
     .help = {{"toon wie nog moet bevestigen dat gewist is",
               "show who still has to confirm an erasure",
               "affiche qui doit encore confirmer un effacement"}},
     .options = json,
     .option_count = COUNT(json),
     .example = "erasures",
     .run = command_erasures},
    {.name = "user add",
     .help = {{"voeg een gebruiker toe of wijzig hem", "add or change a user",
               "ajoute ou modifie un utilisateur"}},
     .arguments = user,
     .argument_count = 1,
     .options = user_options,
     .option_count = COUNT(user_options),
     .example = "user add els --role coordinator --deputy jan",
     .run = command_user_add},
    {.name = "token create",
     .help = {{"maak een token voor de HTTP-API", "make a token for the HTTP API",
               "crée un jeton pour l'API HTTP"}},
     .arguments = user,
     .argument_count = 1,
     .options = token_options,
     .option_count = COUNT(token_options),
     .example = "token create els --days 90 --label \"dashboard\"",
     .run = command_token_create},
    {.name = "token revoke",
     .help = {{"trek een token in", "revoke a token", "retire un jeton"}},
     .arguments = token,
     .argument_count = 1,
     .example = "token revoke vangnet_...",
     .run = command_token_revoke},
    {.name = "status",
     .help = {{"toon hoe het met de hub gaat", "show how the hub fares", "affiche l'état du hub"}},
     .options = json,
     .option_count = COUNT(json),
     .example = "status",
     .run = command_status},
    {.name = "backup",
     .help = {{"kopieer de databank en de sleutelbos terwijl de hub draait",
               "copy the database and the keyring while the hub runs",
               "copie la base de données et le trousseau pendant que le hub tourne"}},
     .arguments = file,
     .argument_count = 1,
     .options = backup_options,
     .option_count = COUNT(backup_options),
     .example = "backup /var/backups/vangnet-hub.mdb --keyring /var/backups/30-days",
     .run = command_backup},
    {.name = "journal verify",
     .help = {{"kijk na of het journaal heel is (stop eerst de hub)",
               "check that the journal is whole (stop the hub first)",
               "vérifie que le journal est intact (arrêtez d'abord le hub)"}},
     .example = "journal verify",
     .run = command_verify},
    {.name = "rebuild",
     .help = {{"maak de tabellen opnieuw uit het journaal (stop eerst de hub)",
               "make the tables anew from the journal (stop the hub first)",
               "refait les tables à partir du journal (arrêtez d'abord le hub)"}},
     .example = "rebuild",
     .run = command_rebuild},
    {.name = "man",
     .help = {{"schrijf de handleiding (man-pagina)", "write the manual page",
               "écrit la page de manuel"}},
     .example = "man --lang en",
     .run = command_man},
};

static const struct cli_option common[] = {
    {.name = "dir",
     .kind = CLI_TEXT,
     .placeholder = "DIR",
     .help = {{"map van de hub (of VANGNET_HUB_DIR; anders /var/lib/vangnet-hub)",
               "the hub's directory (or VANGNET_HUB_DIR; else /var/lib/vangnet-hub)",
               "le dossier du hub (ou VANGNET_HUB_DIR ; sinon /var/lib/vangnet-hub)"}}},
};

const struct cli_program hub_program = {
    .name = "vangnet-hub",
    .version = VANGNET_VERSION,
    .help =
        {{"De hub van een regio: laat leden toe, toont hun cijfers, belasting en wachttijden.",
          "The hub of a region: lets members in, shows their figures, load and waits.",
          "Le hub d'une région : admet les membres, montre leurs chiffres, charge et attentes."}},
    .commands = commands,
    .command_count = COUNT(commands),
    .options = common,
    .option_count = COUNT(common),
};
