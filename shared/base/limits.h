/* Every bound of the system, in one place: what a peer, a file or a person may ask of us.
 *
 * A limit that a neighbour must know too (wire sizes) is part of the protocol: changing it is a
 * new version range in HELLO. The rest may change freely. */
#pragma once

enum {
    /* names */
    ORG_ID_MAX = 31, /* characters, without the NUL */
    HUB_ID_MAX = 31,
    SERVICE_ID_MAX = 23,
    USER_ID_MAX = 31,
    TEAM_ID_MAX = 31,
    NAME_BYTES_MAX = 120, /* display names of organisations and teams, UTF-8 */
    MEMBERS_MAX = 4096,

    /* the wire */
    FRAME_BYTES_MAX = 1 << 20,    /* ZMQ_MAXMSGSIZE, one frame */
    PACKET_BYTES_MAX = 256 << 10, /* one packet of ours: a frame larger than this is refused */
    ENVELOPE_BODY_BYTES_MAX = 192 << 10,
    WIRE_DEPTH_MAX = 8,
    WIRE_FIELDS_MAX = 20000,
    WIRE_UNKNOWN_MAX = 64, /* fields of a newer version: each takes memory many times its size */
    SIGNAL_SERVICES_MAX = 64,
    SIGNAL_MUNICIPALITIES_MAX = 320,
    SIGNAL_LANGUAGES_MAX = 200,
    HISTOGRAM_EDGES_MAX = 15, /* so at most 16 bins */
    DIRECTORY_OPS_MAX = 16,
    DIRECTORY_ENTRY_BYTES_MAX = 16 << 10,
    SIGNED_ENTRY_BYTES_MAX = DIRECTORY_ENTRY_BYTES_MAX + (2 << 10), /* with 16 signatures */

    /* a turn */
    TURN_EVENTS_MAX = 512,
    TURN_BYTES_MAX = 4 << 20, /* so that 512 signals of 4 KiB fit */
    TURN_ARENA_BYTES = 32 << 20,

    /* the post */
    LANES = 3,
    INBOX_WINDOW = 1024,     /* numbers above the contiguous one that may arrive early */
    OUTBOX_FLIGHT_MAX = 256, /* sent and unreceipted, per stream */
    OUTBOX_MESSAGES_MAX = 100000,
    REFUSALS_KEPT = 1024,  /* per stream: reasons that a receipt can still name */
    OUTBOX_KEEP_DAYS = 20, /* after the receipt, while the hub hasn't backed up */
    OUTBOX_KEEP_BYTES_MAX = 64 << 20,

    /* people */
    COMMAND_RESULT_KEEP_HOURS = 24,
    HTTP_BODY_BYTES_MAX = 1 << 20,
    HTTP_CONNECTIONS_MAX = 500,
    PAGE_ROWS_MAX = 200,
    PAGE_ROWS_DEFAULT = 100,
    COMMAND_RING = 1024,

    /* the register */
    IMPORT_ROWS_MAX = 1000000,
    IMPORT_LINE_BYTES_MAX = 64 << 10,
    IMPORT_COLUMNS_MAX = 256,
    IMPORT_BATCH_ROWS = 5000, /* a fifth less work than 2000: each commit touches most pages */
    CASE_ID_BYTES_MAX = 64,   /* what the client system calls a case */

    /* families */
    CONSENT_MONTHS_MAX = 12,
    CONSENT_NUMBER_AHEAD_DAYS = 1, /* of a token's number, against the hub's clock */
    CONSENT_ENVELOPES_MAX = 2,     /* first and second fallback */
    CONTACT_TEXT_BYTES_MAX = 960,  /* how to reach a family: 1 KiB sealed, with its padding */
    FAMILY_SUPPORTS_MAX = 24,      /* on one handle */
    FAMILY_ASKS_MAX = 12,
    FAMILY_FLAGS_MAX = 24, /* closed ones make place */
    FAMILY_LOOKS_MAX = 32, /* the last ones are kept */
    FAMILY_HOLDERS_MAX = 96,
    LOOKS_PER_HOUR = 20, /* of one node */
    /* Of one member, by the hub; what is beyond waits for the next day, asked again each hour, and
     * all that it sends on lane 1 pauses with it: no withdrawal stands there, but a narrowing may.
     * New handles: ten times what the largest desk does in a day and twice the thousand cards that
     * it may have to renew at once, and at some 4 kB each so few that a hijacked node needs decades
     * to fill the disk. Changes of a consent that stands are counted apart, so that renewing, which
     * takes new handles, uses up nothing of their bound. New cards that it tells others of: nothing
     * else bounds what waits for a node that is away, for the hub can't see which family these are
     * about. Whatever else it says of families (supports, questions, concerns, answers, call-
     * backs), together: a support of each family on a register of ten thousand, and at some 1.2 kB
     * each no more disk than the new handles take. */
    FAMILIES_A_DAY_MAX = 2000,
    CONSENT_CHANGES_A_DAY_MAX = 2000,
    NEW_CARDS_A_DAY_MAX = 10000,
    FAMILY_MESSAGES_A_DAY_MAX = 10000,
    SUPPORT_SILENT_DAYS = 42,
    SUPPORT_CONFIRM_DAYS = 28, /* how old the told contact is before a newer one is told */
    SUPPORT_RETRY_DAYS = 30,   /* for a support that waits for its consent */
    NODE_QUIET_DAYS = 8,
    NODE_QUIET_WORKING_DAYS = 10, /* then its supports stop counting */
    FLAG_ACKNOWLEDGE_WORKING_DAYS = 3,
    FLAG_CONTACT_WORKING_DAYS = 10,
    FLAG_TODAY_ACKNOWLEDGE_WORKING_DAYS = 1, /* of a concern that is for today */
    FLAG_TODAY_CONTACT_WORKING_DAYS = 3,
    ASK_WORKING_DAYS = 10,
    CONCERN_AGE_DAYS = 30, /* how long a concern may wait for a network */
    SUCCESSOR_GRACE_WORKING_DAYS = 5,
    CONSENT_ENDING_FIRST_DAYS = 60,
    CONSENT_ENDING_LAST_DAYS = 14,
    ERASURE_RED_DAYS = 3,      /* a receipt missing for longer shows red */
    SEALING_KEY_DAYS = 30,     /* a node's sealing key, then a new one */
    SEALING_SECRET_DAYS = 35,  /* how long the old secret is kept after that */
    CONTACT_SECRET_DAYS = 490, /* 16 months */

    /* clocks */
    CLOCK_WARN_MINUTES = 5,
    CLOCK_HALT_MINUTES = 60,
    INVITATION_DAYS = 7,
    CLOSURES_MAX = 64,      /* of one organisation, past ones apart */
    SIGNAL_KEEP_WEEKS = 56, /* 13 months (PRIVACY 2.3) */

    /* the store: 64 GiB of address space, refused to newcomers from 80 % */
    STORE_MAP_GIB = 64,
    STORE_READERS_MAX = 256,
    STORE_RESERVE_BYTES = 8 << 20, /* below this only withdrawals, receipts and deletions */
};
