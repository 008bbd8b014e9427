#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "tests/sim/world.h"

/* What people do: at the hub users, invitations, revocations; at the nodes registers, status and
 * publishing. Whoever gets no answer asks again under the same id, whatever died in between. */

static const char *const service_names[REGISTER_SERVICES] = {"leefloon", "onthaal",
                                                             "rechtenverkenning"};

struct work *work_new(struct world *world, int party, uint32_t kind) {
    if (world->work_count == WORKS_MAX) {
        return NULL;
    }
    struct work *work = calloc(1, sizeof(*work));
    assert(work != NULL);
    work->party = party;
    work->subject = world->work_count;
    work->command.kind = kind;
    dice_fill(&world->crypto, work->command.id.bytes, sizeof(work->command.id.bytes));
    work->command.actor = (struct actor){.user = {"an"}, .role = ROLE_ADMINISTRATOR};
    world->works[world->work_count++] = work;
    return work;
}

static const char *name_of(const struct work *work) {
    const char *name = work->party == HUB
                           ? hub_command_text((enum hub_command)work->command.kind)
                           : node_command_text((enum node_command)work->command.kind);
    return name == NULL ? "?" : name;
}

static void submit(struct world *world, uint64_t number) {
    struct work *work = world->works[number];
    struct party *party = &world->parties[work->party];
    if (work->queued || work->abandoned) {
        return;
    }
    int r = ERR_NOT_FOUND;
    work->queued = party->alive; /* its outcome may come before the call returns */
    if (party->alive) {
        r = party->hub != NULL ? hub_command(party->hub, &work->command)
                               : node_command(party->node, &work->command);
    }
    if (r == 0) {
        work->sent++;
        party_hurry(party);
        return;
    }
    work->queued = false;
    if (!work->done) {
        world_add(world, 30 * SECOND_MS, STEP_RETRY, work->party, number);
    }
}

void work_begin(struct world *world, struct work *work, const void *arguments) {
    work->command.arguments = arguments;
    trace_say(&world->trace, world->now_ms, "at %s somebody asks for %s",
              world->parties[work->party].own.org.text, name_of(work));
    /* Not at once: a core may be at work that told of something else just now. */
    world_add(world, 1, STEP_RETRY, work->party, world->work_count - 1);
}

void work_retry(struct world *world, uint64_t number) {
    submit(world, number);
}

void work_orphaned(struct party *party) {
    struct world *world = party->world;
    for (size_t i = 0; i < world->work_count; i++) {
        struct work *work = world->works[i];
        if (work->party == party->index && work->queued) {
            work->queued = false;
            if (!work->done) {
                world_add(world, 20 * SECOND_MS, STEP_RETRY, work->party, i);
            }
        }
    }
}

void work_abandon(struct party *party) {
    for (size_t i = 0; i < party->world->work_count; i++) {
        struct work *work = party->world->works[i];
        work->abandoned = work->abandoned || work->party == party->index;
    }
}

bool work_pending(const struct world *world) {
    for (size_t i = 0; i < world->work_count; i++) {
        const struct work *work = world->works[i];
        bool outside = work->party != HUB && world->model.parties[work->party].revoked;
        if (!work->done && !work->abandoned && !outside) {
            return true;
        }
    }
    return false;
}

/* -- at the hub -- */

void work_invite(struct world *world, const struct party *node,
                 const struct invitation *invitation) {
    struct work *work = work_new(world, HUB, HUB_COMMAND_INVITE);
    if (work != NULL) {
        work->subject = (uint64_t)node->index;
        work->invite = (struct invite_arguments){
            .key = invitation_key(invitation->secret),
            .org = node->own.org,
            .expires_ms = invitation->expires_ms,
            .approve_at_once = world->options.value[OPTION_approve_by_hand] == 0,
        };
        memcpy(work->invite.invitation, invitation->id.bytes, sizeof(work->invite.invitation));
        work_begin(world, work, &work->invite);
    }
}

void work_member(struct world *world, enum hub_command kind, const struct party *node) {
    struct work *work = work_new(world, HUB, kind);
    if (work != NULL) {
        work->subject = (uint64_t)node->index;
        work->member = (struct member_arguments){.org = node->own.org};
        if (kind == HUB_COMMAND_REVOKE) {
            (void)snprintf(work->member.reason, sizeof(work->member.reason), "its key was lost");
        }
        work_begin(world, work, &work->member);
    }
}

static void add_user(struct world *world) {
    struct work *work = work_new(world, HUB, HUB_COMMAND_USER_ADD);
    if (work != NULL) {
        work->user = (struct user_record){.role = ROLE_COORDINATOR};
        (void)snprintf(work->user.user.text, sizeof(work->user.user.text), "user-%zu",
                       world->work_count);
        work_begin(world, work, &work->user);
    }
}

static void mark_backup(struct world *world) {
    struct work *work = work_new(world, HUB, HUB_COMMAND_BACKED_UP);
    if (work != NULL) {
        work->backed_up.sequence = world->model.seen;
        work_begin(world, work, &work->backed_up);
    }
}

static void revoke_one(struct world *world) {
    bool later = world->families != NULL && !dice_chance(&world->parties[HUB].work, 200000);
    int index = (int)dice_between(&world->parties[HUB].work, 1, world->node_count);
    if (!later && !world->revoked_one && world->options.value[OPTION_revoke] != 0 &&
        world->parties[index].joiner.approved) {
        world->revoked_one = true;
        work_member(world, HUB_COMMAND_REVOKE, &world->parties[index]);
    }
}

static void ask_again(struct world *world, const struct party *party) {
    for (size_t i = world->work_count; i > 0 && i + 20 > world->work_count; i--) {
        const struct work *work = world->works[i - 1];
        bool kept = world->now_ms - work->done_ms < 20 * (int64_t)HOUR_MS;
        if (work->party == party->index && work->done && kept && !work->abandoned) {
            submit(world, i - 1);
            return;
        }
    }
}

static void work_at_hub(struct party *hub) {
    switch (dice_below(&hub->work, 6)) {
    case 0:
    case 1:
        add_user(hub->world);
        break;
    case 2:
        mark_backup(hub->world);
        break;
    case 3:
        ask_again(hub->world, hub);
        break;
    default:
        revoke_one(hub->world);
        break;
    }
}

/* -- at a node -- */

static void set_status(struct party *node) {
    struct work *work = work_new(node->world, node->index, NODE_COMMAND_STATUS_SET);
    if (work == NULL) {
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < REGISTER_SERVICES; i++) {
        struct service_state *state = &work->services[count];
        if (dice_chance(&node->work, 600000) || (count == 0 && i + 1 == REGISTER_SERVICES)) {
            (void)snprintf(state->service.text, sizeof(state->service.text), "%s",
                           service_names[i]);
            state->status = (enum service_status)dice_between(&node->work, 1, 3);
            state->intakes_per_week_tenths = (uint32_t)dice_below(&node->work, 100);
            state->fte_hundredths = 50 + (uint32_t)dice_below(&node->work, 400);
            count++;
        }
    }
    work->status = (struct status_arguments){.services = work->services, .count = count};
    work_begin(node->world, work, &work->status);
}

/* A week of a register: some ask, some are seen, some leave. */
static void live_on(struct party *node) {
    struct register_book *book = &node->book;
    int32_t today = brussels_day(party_now(node));
    static const uint32_t places[] = {34022, 36015, 31005};
    static const char *const languages[] = {"nld", "ara", "ukr"};
    if (book->size == 0) {
        book->size = 5 + dice_below(&node->work, REGISTER_MAX - 5);
    }
    for (size_t i = 0; i < book->count; i++) {
        struct register_case *one = &book->cases[i];
        bool waits = one->first_appointment_day == REGISTER_DAY_NONE;
        if (one->closed_day == REGISTER_DAY_NONE && dice_chance(&node->work, 150000)) {
            one->last_contact_day = today;
            one->first_appointment_day = waits ? today : one->first_appointment_day;
        } else if (one->closed_day == REGISTER_DAY_NONE && dice_chance(&node->work, 80000)) {
            one->closed_day = today;
            one->close_reason = waits ? CLOSE_REASON_MOVED : CLOSE_REASON_FINISHED;
        }
    }
    while (book->count < book->size) {
        struct register_case *one = &book->cases[book->count++];
        *one = (struct register_case){.first_appointment_day = REGISTER_DAY_NONE,
                                      .last_contact_day = REGISTER_DAY_NONE,
                                      .closed_day = REGISTER_DAY_NONE};
        (void)snprintf(one->id, sizeof(one->id), "c%llu", (unsigned long long)++book->made);
        one->asked_day = today - (int32_t)dice_below(&node->work, 120);
        one->nis.code = places[dice_below(&node->work, 3)];
        (void)snprintf(one->service.text, sizeof(one->service.text), "%s",
                       service_names[dice_below(&node->work, REGISTER_SERVICES)]);
        memcpy(one->language.code, languages[dice_below(&node->work, 3)], 4);
    }
    if (book->size < REGISTER_MAX) {
        book->size++;
    }
}

static void import_begin(struct party *node) {
    struct work *work = work_new(node->world, node->index, NODE_COMMAND_IMPORT_BEGIN);
    if (work == NULL || node->importing || node->record_keys + 1 >= RECORD_KEYS_MAX) {
        return;
    }
    live_on(node);
    node->importing = true;
    work->begin = (struct import_begin_arguments){
        .file = hash_of("file", (struct bytes){.data = (const uint8_t *)node->book.cases,
                                               .length = sizeof(node->book.cases)}),
        .record_key = ++node->record_keys,
    };
    work_begin(node->world, work, &work->begin);
}

static void import_rows(struct party *node) {
    struct work *work = work_new(node->world, node->index, NODE_COMMAND_IMPORT_ROWS);
    if (work != NULL) {
        work->rows = (struct import_rows_arguments){.generation = node->book.generation,
                                                    .cases = node->book.cases,
                                                    .count = node->book.count};
        work_begin(node->world, work, &work->rows);
    }
}

static void import_end(struct party *node, enum node_command kind) {
    struct work *work = work_new(node->world, node->index, kind);
    if (work != NULL) {
        work->end = (struct import_end_arguments){.generation = node->book.generation};
        work_begin(node->world, work, &work->end);
    }
}

static void publish(struct party *node) {
    struct work *work = work_new(node->world, node->index, NODE_COMMAND_PUBLISH);
    if (work != NULL) {
        work_begin(node->world, work, NULL);
    }
}

void work_shredded(struct party *node, const uint64_t *ids, size_t count) {
    uint32_t kind =
        node->index == HUB ? (uint32_t)HUB_COMMAND_SHREDDED : (uint32_t)NODE_COMMAND_SHREDDED;
    struct work *work = work_new(node->world, node->index, kind);
    if (work != NULL) {
        size_t taken = count < sizeof(work->keys) / sizeof(work->keys[0]) ? count : 64;
        memcpy(work->keys, ids, taken * sizeof(*ids));
        work->shredded = (struct shredded_arguments){.keys = work->keys, .count = taken};
        work_begin(node->world, work, &work->shredded);
    }
}

static bool status_pending(const struct party *node) {
    for (size_t i = 0; i < node->world->work_count; i++) {
        const struct work *work = node->world->works[i];
        if (work->party == node->index && !work->done &&
            work->command.kind == NODE_COMMAND_STATUS_SET) {
            return true;
        }
    }
    return false;
}

void work_step(struct party *party) {
    if (party->index == HUB) {
        work_at_hub(party);
        return;
    }
    if (!party->found || party->hostile) {
        return;
    }
    switch (dice_below(&party->work, 8)) {
    case 0:
    case 1:
    case 2:
        if (!status_pending(party)) {
            set_status(party);
        }
        break;
    case 3:
    case 4:
        if (!party->importing) {
            import_begin(party);
        }
        break;
    case 5:
    case 6:
        publish(party);
        break;
    default:
        ask_again(party->world, party);
        break;
    }
}

/* -- outcomes -- */

static uint64_t number_in(struct bytes result, const char *name) {
    char text[256];
    size_t length = result.length < sizeof(text) - 1 ? result.length : sizeof(text) - 1;
    memcpy(text, result.data, length);
    text[length] = '\0';
    const char *found = strstr(text, name);
    while (found != NULL && *found != '\0' && (*found < '0' || *found > '9')) {
        found++;
    }
    return found == NULL ? 0 : strtoull(found, NULL, 10);
}

static void done_at_hub(struct world *world, const struct work *work) {
    struct party *node = &world->parties[work->subject % PARTIES_MAX];
    switch ((int)work->command.kind) {
    case HUB_COMMAND_USER_ADD:
        model_user_done(&world->model, &work->user.user);
        break;
    case HUB_COMMAND_INVITE:
        model_invited_done(&world->model, work->invite.invitation);
        node->joiner.invited = true;
        break;
    case HUB_COMMAND_REVOKE:
        if (world->options.value[OPTION_rejoin] != 0) {
            world_add(world, 6 * (int64_t)HOUR_MS, STEP_JOIN, node->index, 1);
        }
        break;
    case HUB_COMMAND_NONE:
    case HUB_COMMAND_APPROVE:
    case HUB_COMMAND_DECLINE:
    case HUB_COMMAND_LEAVE:
    case HUB_COMMAND_ENTRY:
    case HUB_COMMAND_TOKEN_CREATE:
    case HUB_COMMAND_TOKEN_REVOKE:
    case HUB_COMMAND_BACKED_UP:
    default:
        break;
    }
}

static void done_at_node(struct party *node, const struct work *work, struct bytes result) {
    switch ((int)work->command.kind) {
    case NODE_COMMAND_STATUS_SET:
        model_status_done(&node->world->model, node->index, work->services, work->status.count);
        break;
    case NODE_COMMAND_IMPORT_BEGIN:
        node->book.generation = number_in(result, "generation");
        import_rows(node);
        break;
    case NODE_COMMAND_IMPORT_ROWS:
        import_end(node, dice_chance(&node->work, 100000) ? NODE_COMMAND_IMPORT_DROP
                                                          : NODE_COMMAND_IMPORT_SWITCH);
        break;
    case NODE_COMMAND_IMPORT_SWITCH:
        node->book.imported_cases = node->book.count;
        node->importing = false;
        break;
    case NODE_COMMAND_IMPORT_DROP:
        node->importing = false;
        break;
    case NODE_COMMAND_NONE:
    case NODE_COMMAND_IMPORT_FIGURES:
    case NODE_COMMAND_PUBLISH:
    case NODE_COMMAND_USER_ADD:
    case NODE_COMMAND_TOKEN_CREATE:
    case NODE_COMMAND_SHREDDED:
    default:
        break;
    }
}

static void refused(struct world *world, const struct work *work) {
    struct party *party = &world->parties[work->party];
    if (work->family != NULL) {
        families_refused(party, work);
        return;
    }
    bool import = work->party != HUB && work->command.kind >= NODE_COMMAND_IMPORT_BEGIN &&
                  work->command.kind <= NODE_COMMAND_IMPORT_DROP;
    if (import) {
        party->importing = false;
    }
    if (work->refusal == REFUSAL_NOT_ALLOWED || work->refusal == REFUSAL_UNKNOWN_KIND ||
        work->refusal == REFUSAL_MALFORMED || work->refusal == REFUSAL_NO_ROOM) {
        model_broken(&world->model, VIOLATION_REFUSED, "%s asked of %s: %s", name_of(work),
                     party->own.org.text, refusal_text(work->refusal));
    }
    if (work->party == HUB && work->command.kind == HUB_COMMAND_REVOKE) {
        world->revoked_one = false; /* another time */
    }
}

static struct work *work_of(struct world *world, const struct command *command) {
    uint64_t number = 0;
    while (&world->works[number]->command != command) {
        number++;
        assert(number < world->work_count);
    }
    return world->works[number];
}

void work_looked(struct world *world, const struct command *command,
                 const struct look_answer *answer, enum refusal refusal) {
    struct work *work = work_of(world, command);
    struct party *party = &world->parties[work->party];
    trace_say(&world->trace, world->now_ms, "somebody at %s looked: %s", party->own.org.text,
              refusal != REFUSAL_NONE ? refusal_text(refusal)
              : answer->found         ? "found"
                                      : "not found");
    work->queued = false;
    work->done = true;
    work->done_ms = world->now_ms - 30 * (int64_t)HOUR_MS; /* nobody asks that again */
    work->refusal = refusal;
    if (refusal == REFUSAL_NONE) {
        families_looked(party, work, answer);
    }
}

void work_done(struct world *world, const struct command *command, enum refusal refusal,
               struct bytes result) {
    struct work *work = work_of(world, command);
    struct party *party = &world->parties[work->party];
    /* A passing refusal leaves nothing behind: the next asking is the first. */
    bool before = work->done && (work->refusal == REFUSAL_NONE || refusal_is_final(work->refusal));
    work->queued = false;
    trace_say(&world->trace, world->now_ms, "%s asked of %s: %s%s", name_of(work),
              party->own.org.text, refusal == REFUSAL_NONE ? "done" : refusal_text(refusal),
              before ? ", again" : "");
    if (before && work->refusal != refusal) {
        model_broken(&world->model, VIOLATION_DOUBLE, "%s asked twice ended in two ways",
                     name_of(work));
    }
    work->done_ms = before ? work->done_ms : world->now_ms;
    work->done = true;
    work->refusal = refusal;
    if (before) {
        return;
    }
    if (work->party == HUB) {
        model_journal(&world->model, party->store);
    }
    if (refusal != REFUSAL_NONE) {
        refused(world, work);
    } else if (work->party == HUB) {
        done_at_hub(world, work);
    } else if (work->family != NULL) {
        families_done(party, work, result);
    } else {
        done_at_node(party, work, result);
    }
}
