#include "node/shell/commands.h"
#include "node/shell/run.h"

#define DIR_HELP                                                                                   \
    {                                                                                              \
        {                                                                                          \
            "map van het knooppunt (of VANGNET_NODE_DIR)",                                         \
                "the node's directory (or VANGNET_NODE_DIR)",                                      \
                "dossier du nœud (ou VANGNET_NODE_DIR)"                                           \
        }                                                                                          \
    }
#define JSON_OPTION                                                                                \
    {                                                                                              \
        .name = "json", .kind = CLI_FLAG, .help = {                                                \
            {"als JSON, voor programma's", "as JSON, for programs", "en JSON, pour programmes"}    \
        }                                                                                          \
    }
#ifdef VANGNET_TEST_CLOCK
#define TEST_CLOCK_OPTION                                                                          \
    {                                                                                              \
        .name = "test-clock", .kind = CLI_TEXT, .placeholder = "SOCKET", .help = {                 \
            {"alleen voor tests", "for tests only", "pour les tests seulement"}                    \
        }                                                                                          \
    }
#endif
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct cli_option shared_options[] = {
    {.name = "dir", .kind = CLI_TEXT, .placeholder = "DIR", .help = DIR_HELP},
    {.name = "token-file",
     .kind = CLI_TEXT,
     .placeholder = "FILE",
     .help = {{"wie spreekt: het token van een gebruiker (of VANGNET_NODE_TOKEN)",
               "who speaks: a user's token (or VANGNET_NODE_TOKEN)",
               "qui parle : le jeton d'un utilisateur (ou VANGNET_NODE_TOKEN)"}}},
};

/* -- join -- */

static const struct cli_argument join_arguments[] = {
    {.name = "INVITATION",
     .help = {{"de tekst van de coördinator", "the coordinator's text",
               "le texte du coordinateur"}}},
};

static const struct cli_option join_options[] = {
    {.name = "org",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .required = true,
     .help = {{"korte naam: kleine letters, cijfers en '-'", "short name: a-z, 0-9 and '-'",
               "nom court : a-z, 0-9 et '-'"}}},
    {.name = "name",
     .kind = CLI_TEXT,
     .placeholder = "NAME",
     .required = true,
     .help = {{"naam, zoals anderen die lezen", "name, as others read it",
               "nom, tel que les autres le lisent"}}},
    {.name = "kind",
     .kind = CLI_TEXT,
     .placeholder = "KIND",
     .required = true,
     .help = {{"ocmw agii caw dmw volunteers school vdab nt2 interpreter refuge addiction other",
               "ocmw agii caw dmw volunteers school vdab nt2 interpreter refuge addiction other",
               "ocmw agii caw dmw volunteers school vdab nt2 interpreter refuge addiction other"}}},
    {.name = "competence",
     .kind = CLI_TEXT,
     .placeholder = "WORD",
     .help = {{"territorial, regional of open", "territorial, regional or open",
               "territorial, regional ou open"}}},
    {.name = "nis",
     .kind = CLI_TEXT,
     .placeholder = "CODE,...",
     .help = {{"gemeenten van het werkgebied", "municipalities of the catchment",
               "communes du ressort"}}},
    {.name = "service",
     .kind = CLI_TEXT,
     .placeholder = "ID,...",
     .help = {{"diensten, zoals onthaal,leefloon", "services, such as onthaal,leefloon",
               "services, comme onthaal,leefloon"}}},
    {.name = "language",
     .kind = CLI_TEXT,
     .placeholder = "CODE,...",
     .help = {{"contacttalen, als code: nl,fr,ar of nld,fra,ara",
               "contact languages, by code: nl or nld",
               "langues de contact, par code : nl ou nld"}}},
    {.name = "onthaal",
     .kind = CLI_TEXT,
     .placeholder = "CODE,...",
     .help = {{"onthaalbalie van deze gemeenten", "reception desk of these municipalities",
               "guichet d'accueil de ces communes"}}},
    {.name = "walk-in",
     .kind = CLI_TEXT,
     .placeholder = "HOURS,...",
     .help = {{"vrije inloop: \"2 09:00-12:00\" (2 is dinsdag)", "walk-in: \"2 09:00-12:00\"",
               "sans rendez-vous : « 2 09:00-12:00 »"}}},
    {.name = "sitting",
     .kind = CLI_TEXT,
     .placeholder = "HOURS,...",
     .help = {{"zitdagen: \"34022 3 13:30-16:00\"", "sittings: \"34022 3 13:30-16:00\"",
               "permanences : « 34022 3 13:30-16:00 »"}}},
    {.name = "kbo",
     .kind = CLI_TEXT,
     .placeholder = "NUMBER",
     .help = {{"ondernemingsnummer", "enterprise number", "numéro d'entreprise"}}},
    {.name = "may-take-consent",
     .kind = CLI_TEXT,
     .placeholder = "WORD",
     .help =
         {{"mag gezinnen toestemming vragen: no (standaard), limited (met een pak kaarten) of full",
           "may ask families for consent: no (default), limited (with a pack of cards) or full",
           "peut demander l'accord des familles : no (défaut), limited (paquet de cartes), full"}}},
    {.name = "may-sanction",
     .kind = CLI_FLAG,
     .help = {{"kan sancties opleggen: wordt nooit zomaar uitgenodigd",
               "may sanction: is never invited by default",
               "peut sanctionner : jamais invitée par défaut"}}},
    {.name = "hidden",
     .kind = CLI_FLAG,
     .help = {{"alleen de naam al zegt te veel", "the name alone says too much",
               "le nom seul en dit trop"}}},
    {.name = "no-wait",
     .kind = CLI_FLAG,
     .help = {{"niet wachten op goedkeuring; run vraagt verder",
               "don't wait for approval; run goes on asking",
               "ne pas attendre l'accord ; run continue"}}},
    {.name = "no-lock",
     .kind = CLI_FLAG,
     .help = {{"ook waar sleutels in het wisselbestand kunnen komen",
               "also where keys may reach the swap file",
               "même si les clés peuvent aller dans le fichier d'échange"}}},
#ifdef VANGNET_TEST_CLOCK
    TEST_CLOCK_OPTION,
#endif
};

/* -- run -- */

#ifdef VANGNET_TEST_CLOCK
static const struct cli_option run_options[] = {TEST_CLOCK_OPTION};
#define RUN_OPTIONS run_options, .option_count = COUNT(run_options)
#else
#define RUN_OPTIONS NULL, .option_count = 0
#endif

/* -- import -- */

static const struct cli_argument import_arguments[] = {
    {.name = "FILE.csv",
     .optional = true,
     .help = {{"de export van het cliëntsysteem", "the client system's export",
               "l'export du système de dossiers"}}},
};

static const struct cli_option import_options[] = {
    {.name = "preset",
     .kind = CLI_TEXT,
     .placeholder = "NAME",
     .help = {{"generic, excel-be, ocmw-pakket, of een bestand .ini",
               "generic, excel-be, ocmw-pakket, or an .ini file",
               "generic, excel-be, ocmw-pakket ou un fichier .ini"}}},
    {.name = "watch",
     .kind = CLI_TEXT,
     .placeholder = "DIR",
     .help = {{"bewaak een map: elke nieuwe export vanzelf; \"\" stopt",
               "watch a directory: each new export by itself; \"\" stops",
               "surveiller un dossier : chaque export d'office ; « » arrête"}}},
    {.name = "force",
     .kind = CLI_FLAG,
     .help = {{"ook als er minder dan de helft van het register overblijft",
               "even where less than half of the register is left",
               "même s'il reste moins de la moitié du registre"}}},
    {.name = "figures",
     .kind = CLI_FLAG,
     .help = {{"het zijn cijfers die al gepubliceerd zijn", "these are figures published already",
               "ce sont des chiffres déjà publiés"}}},
    {.name = "start-event",
     .kind = CLI_TEXT,
     .placeholder = "WORD",
     .help = {{"met --figures: de wacht telt vanaf asked of referred",
               "with --figures: waits count from asked or referred",
               "avec --figures : l'attente compte dès asked ou referred"}}},
    {.name = "dry-run",
     .kind = CLI_FLAG,
     .help = {{"alleen nakijken", "only check", "vérifier seulement"}}},
};

/* -- status-set -- */

static const struct cli_argument status_set_arguments[] = {
    {.name = "SERVICE", .help = {{"de dienst, zoals onthaal", "the service", "le service"}}},
    {.name = "STATUS",
     .help = {{"open, limited of closed", "open, limited or closed", "open, limited ou closed"}}},
};

static const struct cli_option status_set_options[] = {
    {.name = "first",
     .kind = CLI_TEXT,
     .placeholder = "DATE",
     .help = {{"eerste vrije eerste afspraak", "first free first appointment",
               "premier rendez-vous libre"}}},
    {.name = "third",
     .kind = CLI_TEXT,
     .placeholder = "DATE",
     .help = {{"derde vrije eerste afspraak", "third free first appointment",
               "troisième rendez-vous libre"}}},
    {.name = "intakes",
     .kind = CLI_TEXT,
     .placeholder = "N",
     .help = {{"nieuwe intakes per week", "new intakes a week", "nouvelles entrées par semaine"}}},
    {.name = "fte",
     .kind = CLI_TEXT,
     .placeholder = "N",
     .help = {{"voltijdse equivalenten", "full-time equivalents", "équivalents temps plein"}}},
    {.name = "reopens",
     .kind = CLI_TEXT,
     .placeholder = "DATE",
     .help = {{"weer open op", "open again on", "rouvre le"}}},
};

static const struct cli_option json_options[] = {JSON_OPTION};

/* -- closure -- */

static const struct cli_argument closure_add_arguments[] = {
    {.name = "FROM",
     .help = {{"eerste gesloten dag (jjjj-mm-dd)", "first closed day (yyyy-mm-dd)",
               "premier jour de fermeture (aaaa-mm-jj)"}}},
    {.name = "UNTIL",
     .optional = true,
     .help = {{"laatste gesloten dag, die telt mee; zonder: alleen die ene dag",
               "last closed day, itself included; without: that one day",
               "dernier jour de fermeture, inclus ; sans : ce seul jour"}}},
};

static const struct cli_argument closure_remove_arguments[] = {
    {.name = "FROM",
     .help = {{"eerste dag van de sluiting", "the closure's first day",
               "premier jour de la fermeture"}}},
};

static const struct cli_option closure_add_options[] = {
    {.name = "deputy",
     .kind = CLI_TEXT,
     .placeholder = "ORG",
     .help = {{"organisatie die vlaggen dan overneemt: haar korte naam",
               "organisation that takes over flags then: its short name",
               "organisation qui reprend alors les signaux : son nom court"}}},
};

/* -- people -- */

static const struct cli_argument user_arguments[] = {
    {.name = "USER", .help = {{"korte naam", "short name", "nom court"}}},
};

static const struct cli_option user_options[] = {
    {.name = "role",
     .kind = CLI_TEXT,
     .placeholder = "ROLE",
     .help = {{"administrator, caseworker, toeleider, volunteer of reader",
               "administrator, caseworker, toeleider, volunteer or reader",
               "administrator, caseworker, toeleider, volunteer ou reader"}}},
    {.name = "team",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .help = {{"het team", "the team", "l'équipe"}}},
    {.name = "deputy",
     .kind = CLI_TEXT,
     .placeholder = "USER",
     .help = {{"wie vervangt", "who stands in", "qui remplace"}}},
};

static const struct cli_option token_options[] = {
    {.name = "days",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"geldig zoveel dagen (365); 0: altijd", "valid for so many days (365); 0: for ever",
               "valable tant de jours (365) ; 0 : toujours"}}},
    {.name = "label",
     .kind = CLI_TEXT,
     .placeholder = "TEXT",
     .help = {{"waarvoor", "what for", "à quoi il sert"}}},
};

#include "node/shell/table_family.inc"

static const struct cli_option audit_verify_options[] = {
    {.name = "key",
     .kind = CLI_TEXT,
     .placeholder = "FILE",
     .help = {{"audit-first.key, als die elders bewaard wordt", "audit-first.key, kept elsewhere",
               "audit-first.key, conservée ailleurs"}}},
};
static const struct cli_option audit_show_options[] = {
    {.name = "last",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"hoeveel regels (50)", "how many lines (50)", "combien de lignes (50)"}}},
};

static const struct cli_command commands[] = {
    {.name = "join",
     .help = {{"treed toe tot een regio met een uitnodiging", "join a region by invitation",
               "adhérer à une région sur invitation"}},
     .arguments = join_arguments,
     .argument_count = COUNT(join_arguments),
     .options = join_options,
     .option_count = COUNT(join_options),
     .example = "join \"vangnet1:...\" --dir /var/lib/vangnet-node/ocmw-kuurne"
                " --org ocmw-kuurne --name \"OCMW Kuurne\" --kind ocmw --nis 34023"
                " --service onthaal,leefloon --onthaal 34023 --language nld,ara"
                " --may-take-consent full",
     .run = join_command},
    {.name = "run",
     .help = {{"laat het knooppunt draaien", "run the node", "faire tourner le nœud"}},
     .options = RUN_OPTIONS,
     .example = "run --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = run_command},
    {.name = "import",
     .help = {{"neem het register over uit een export", "take the register from an export",
               "reprendre le registre d'un export"}},
     .arguments = import_arguments,
     .argument_count = COUNT(import_arguments),
     .options = import_options,
     .option_count = COUNT(import_options),
     .example =
         "import export.csv --preset excel-be --dir /var/lib/vangnet-node/ocmw-kuurne\n"
         "import --watch /srv/exports --preset ocmw-pakket --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = import_command},
    {.name = "preview",
     .help = {{"wat zou vertrekken, naast de echte cijfers", "what would leave, beside the truth",
               "ce qui sortirait, à côté des vrais chiffres"}},
     .options = json_options,
     .option_count = COUNT(json_options),
     .example = "preview --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = preview_command},
    {.name = "publish",
     .help = {{"verstuur de weekcijfers nu", "send the weekly figures now",
               "envoyer maintenant les chiffres de la semaine"}},
     .options = json_options,
     .option_count = COUNT(json_options),
     .example = "publish --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = publish_command},
    {.name = "status-set",
     .help = {{"zeg of een dienst open is", "say whether a service is open",
               "dire si un service est ouvert"}},
     .arguments = status_set_arguments,
     .argument_count = COUNT(status_set_arguments),
     .options = status_set_options,
     .option_count = COUNT(status_set_options),
     .example = "status-set onthaal limited --first 2026-12-01 --third 2026-12-08 --fte 2.5"
                " --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = status_set_command},
    {.name = "closure add",
     .help = {{"meld sluitingsdagen en wie dan vervangt",
               "tell closure days and who stands in then",
               "indiquer des jours de fermeture et qui remplace"}},
     .arguments = closure_add_arguments,
     .argument_count = COUNT(closure_add_arguments),
     .options = closure_add_options,
     .option_count = COUNT(closure_add_options),
     .example = "closure add 2026-12-24 2027-01-03 --deputy caw-zuid"
                " --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = closure_add_command},
    {.name = "closure list",
     .help = {{"de sluitingsdagen die gemeld zijn", "the closure days that were told",
               "les jours de fermeture indiqués"}},
     .options = json_options,
     .option_count = COUNT(json_options),
     .example = "closure list --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = closure_list_command},
    {.name = "closure remove",
     .help = {{"haal een sluiting weg", "take a closure away", "retirer une fermeture"}},
     .arguments = closure_remove_arguments,
     .argument_count = COUNT(closure_remove_arguments),
     .example = "closure remove 2026-12-24 --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = closure_remove_command},
    {.name = "status",
     .help = {{"hoe gaat het, en wat moet er gebeuren", "how it fares, and what must be done",
               "comment cela va, et ce qu'il faut faire"}},
     .options = json_options,
     .option_count = COUNT(json_options),
     .example = "status --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = status_command},
    {.name = "words",
     .help = {{"de zes woorden voor de coördinator", "the six words for the coordinator",
               "les six mots pour le coordinateur"}},
     .example = "words --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = words_command},
    {.name = "user add",
     .help = {{"voeg een gebruiker toe", "add a user", "ajouter un utilisateur"}},
     .arguments = user_arguments,
     .argument_count = COUNT(user_arguments),
     .options = user_options,
     .option_count = COUNT(user_options),
     .example = "user add an --role caseworker --team onthaal --deputy bram"
                " --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = user_add_command},
    {.name = "token create",
     .help = {{"maak een token voor de API", "make a bearer token for the API",
               "créer un jeton d'accès pour l'API"}},
     .arguments = user_arguments,
     .argument_count = COUNT(user_arguments),
     .options = token_options,
     .option_count = COUNT(token_options),
     .example =
         "token create an --days 90 --label dashboard --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = token_create_command},
#include "node/shell/table_family_commands.inc"
    {.name = "audit verify",
     .help = {{"kijk na of het auditlogboek heel is", "check that the audit log is whole",
               "vérifier que le journal d'audit est intact"}},
     .options = audit_verify_options,
     .option_count = COUNT(audit_verify_options),
     .example =
         "audit verify --key /media/stick/audit-first.key --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = audit_verify_command},
    {.name = "audit show",
     .help = {{"toon wie wat deed, en wanneer", "show who did what, and when",
               "afficher qui a fait quoi, et quand"}},
     .options = audit_show_options,
     .option_count = COUNT(audit_show_options),
     .example = "audit show --last 200 --dir /var/lib/vangnet-node/ocmw-kuurne",
     .run = audit_show_command},
    {.name = "man",
     .help = {{"schrijf de handleiding (man)", "write the man page", "écrire la page de manuel"}},
     .example = "man | man -l -",
     .run = man_command},
};

const struct cli_program node_program = {
    .name = "vangnet-node",
    .version = VANGNET_VERSION,
    .help = {{"Het knooppunt van één organisatie: leest het register, publiceert veilige cijfers.",
              "The node of one organisation: reads the register, publishes safe figures.",
              "Le nœud d'une organisation : lit le registre, publie des chiffres sûrs."}},
    .commands = commands,
    .command_count = COUNT(commands),
    .options = shared_options,
    .option_count = COUNT(shared_options),
};

enum cli_status man_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    cli_man(&node_program, call->lang, call->out);
    return CLI_OK;
}
