/* One file into the register: reads it twice (once to know it, once to use it), hands rows on in
 * batches, writes FILE.rejected.csv beside it, and counts.
 *
 * Where rows go is a struct of functions: the daemon over its control socket, or nothing for a dry
 * run. It keeps one batch in memory. Called by the command line and by the daemon's watcher. */
#pragma once

#include "node/core/commands.h"
#include "node/import/preset.h"
#include "node/import/reasons.h"
#include "node/import/siphash.h"

enum {
    IMPORTER_LINES = 3,    /* places named for each reason */
    IMPORTER_COLUMNS = 32, /* names of dropped columns kept */
    IMPORTER_NAME_SIZE = 64,
    IMPORTER_PATH_SIZE = 1024,
    IMPORTER_HEADINGS_SIZE = 300,
    IMPORTER_BRAKE_CASES = 20, /* from so many cases on a halved register is a wrong file */
};

/* Each gives 0 or a negative number, which ends the import and is returned. */
struct import_port {
    /* ERR_EXISTS: this very file is the register already. */
    int (*begin)(void *ctx, const struct digest *file);
    int (*rows)(void *ctx, const struct register_case *cases, size_t count);
    int (*finish)(void *ctx, uint64_t rejected);
    void (*drop)(void *ctx); /* after begin, instead of finish */
    int (*figures)(void *ctx, const struct import_figures_arguments *arguments);
    void *ctx;
};

struct importer_options {
    const char *path;
    const struct preset *preset; /* NULL with `figures` */
    bool figures;
    enum start_event start_event; /* with `figures` */
    int32_t today;
    struct siphash_key workers;
    uint64_t standing_cases; /* of the register that the file would replace */
    bool force;              /* replace it, whatever is left of it */
    enum row_tongue tongue;
    const struct import_port *port; /* NULL: a dry run */
    /* May be NULL: told now and then, and at the end. */
    void (*progress)(void *ctx, uint64_t done_bytes, uint64_t all_bytes);
    void *progress_ctx;
};

struct importer_reason {
    uint64_t rows;
    uint32_t lines[IMPORTER_LINES]; /* 0: none */
    char column[IMPORTER_NAME_SIZE];
};

struct importer_report {
    bool unchanged; /* the same file as before: nothing was done */
    bool refused;   /* the whole file: its reason is among the reasons */
    bool shrunk;    /* under half of the standing register: most likely a wrong file */
    bool hollow;    /* rows, and not one could be taken: the register stays as it was */
    uint64_t rows;
    uint64_t rejected;
    uint64_t periods; /* of figures */
    struct importer_reason reasons[ROW_REASON_COUNT];
    char headings[IMPORTER_HEADINGS_SIZE]; /* of the file, where a column is missing; else empty */
    char identity[IMPORTER_COLUMNS][IMPORTER_NAME_SIZE]; /* columns that name a person */
    size_t identity_count;
    size_t ignored_count;
    char rejected_path[IMPORTER_PATH_SIZE]; /* empty where none was written */
};

/* `export.csv` gives `export.rejected.csv`. Errors: ERR_TOO_LARGE. */
MUST_CHECK int rejected_path(const char *path, char ret_path[static IMPORTER_PATH_SIZE]);

/* Refused, shrunk and hollow files are no error: nothing was handed on for good. Errors:
 * ERR_NOT_FOUND, ERR_DENIED, ERR_IO (the file, also where it changed meanwhile, or the one with the
 * rejected rows), ERR_NO_MEMORY, what the port gave. */
MUST_CHECK int importer_run(const struct importer_options *options,
                            struct importer_report *ret_report);
