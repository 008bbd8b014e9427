#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/wire/directory.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static struct public_key key_of(int number) {
    struct public_key key;
    memset(key.bytes, number, sizeof(key.bytes));
    return key;
}

static struct member sample_member(void) {
    static struct catchment catchment[2] = {{{34022}, 20000, 30000}, {{34023}, 0, 0}};
    static struct service_id services[2] = {{"housing"}, {"money"}};
    static struct language languages[2] = {{"nld"}, {"ara"}};
    static const char *walk_in[] = {"1 09:00-12:00", "5 13:00-16:00"};
    static const char *sitting[] = {"34022 3 13:30-16:00"};
    static struct closure closures[2] = {{20100, 20110, {"caw"}}, {-5, 0, {""}}};
    static struct nis onthaal[2] = {{34022}, {34040}};
    return (struct member){
        .name = "OCMW Kortrijk \u00e9",
        .kind = ORG_KIND_OCMW,
        .competence = COMPETENCE_TERRITORIAL,
        .role = MEMBER_ROLE_NODE,
        .curve = key_of(1),
        .sign = key_of(2),
        .seal = key_of(3),
        .contact = key_of(4),
        .seal_until_day = 20500,
        .contact_from_day = -1,
        .endpoint = "tcp://192.0.2.1:7300",
        .catchment = catchment,
        .catchment_count = 2,
        .services = services,
        .service_count = 2,
        .languages = languages,
        .language_count = 2,
        .walk_in = walk_in,
        .walk_in_count = 2,
        .sitting = sitting,
        .sitting_count = 1,
        .closures = closures,
        .closure_count = 2,
        .may_take_consent = CONSENT_RIGHT_LIMITED,
        .may_sanction = true,
        .hidden = true,
        .onthaal = onthaal,
        .onthaal_count = 2,
        .enterprise_number = "0207.494.678",
    };
}

static void expect_sample(const struct member *read) {
    const struct member given = sample_member();
    assert_memory_equal(read->name, given.name, sizeof(given.name));
    assert_int_equal(read->kind, given.kind);
    assert_int_equal(read->competence, given.competence);
    assert_int_equal(read->role, given.role);
    assert_memory_equal(&read->curve, &given.curve, sizeof(given.curve));
    assert_memory_equal(&read->sign, &given.sign, sizeof(given.sign));
    assert_memory_equal(&read->seal, &given.seal, sizeof(given.seal));
    assert_memory_equal(&read->contact, &given.contact, sizeof(given.contact));
    assert_int_equal(read->seal_until_day, 20500);
    assert_int_equal(read->contact_from_day, -1);
    assert_string_equal(read->endpoint, given.endpoint);
    assert_int_equal(read->catchment_count, 2);
    assert_memory_equal(read->catchment, given.catchment, 2 * sizeof(*given.catchment));
    assert_int_equal(read->service_count, 2);
    assert_memory_equal(read->services, given.services, 2 * sizeof(*given.services));
    assert_int_equal(read->language_count, 2);
    assert_memory_equal(read->languages, given.languages, 2 * sizeof(*given.languages));
    assert_int_equal(read->walk_in_count, 2);
    assert_string_equal(read->walk_in[1], given.walk_in[1]);
    assert_int_equal(read->sitting_count, 1);
    assert_string_equal(read->sitting[0], given.sitting[0]);
    assert_int_equal(read->closure_count, 2);
    assert_memory_equal(read->closures, given.closures, 2 * sizeof(*given.closures));
    assert_int_equal(read->may_take_consent, CONSENT_RIGHT_LIMITED);
    assert_true(read->may_sanction && read->hidden);
    assert_int_equal(read->onthaal_count, 2);
    assert_memory_equal(read->onthaal, given.onthaal, 2 * sizeof(*given.onthaal));
    assert_string_equal(read->enterprise_number, given.enterprise_number);
}

static void a_member_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    const struct member member = sample_member();
    struct member read;
    struct bytes bytes;
    assert_int_equal(member_encode(&member, arena, &bytes), 0);
    assert_int_equal(member_decode(bytes, arena, &read), REFUSAL_NONE);
    expect_sample(&read);
    arena_free(arena);
}

static void an_entry_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    struct public_key directors[2] = {key_of(5), key_of(6)};
    struct region region = {.hub = {"kortrijk"},
                            .name = "Zuid-West-Vlaanderen",
                            .directors = directors,
                            .director_count = 2,
                            .quorum = 2,
                            .hub_curve = key_of(7),
                            .hub_sign = key_of(8)};
    struct member member = sample_member();
    struct directory_op ops[4] = {
        {.kind = DIRECTORY_OP_FOUND, .region = &region},
        {.kind = DIRECTORY_OP_JOIN, .organisation = {"ocmw"}, .member = &member},
        {.kind = DIRECTORY_OP_LEAVE, .organisation = {"caw"}, .reason = "closed its doors"},
        {.kind = DIRECTORY_OP_RESTORE, .has_position = true, .position = {1, 2, {{3}}}},
    };
    const struct directory_entry entry = {
        .sequence = 9, .previous = {{1}}, .time_ms = 1790000000000, .ops = ops, .op_count = 4};
    struct directory_entry read;
    struct bytes bytes;
    assert_int_equal(directory_entry_encode(&entry, arena, &bytes), 0);
    assert_int_equal(directory_entry_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.sequence, 9);
    assert_true(digest_equal(&read.previous, &entry.previous));
    assert_int_equal(read.time_ms, entry.time_ms);
    assert_int_equal(read.op_count, 4);
    assert_string_equal(read.ops[0].region->hub.text, "kortrijk");
    assert_string_equal(read.ops[0].region->name, "Zuid-West-Vlaanderen");
    assert_int_equal(read.ops[0].region->quorum, 2);
    assert_int_equal(read.ops[0].region->director_count, 2);
    assert_memory_equal(read.ops[0].region->directors, directors, sizeof(directors));
    assert_int_equal(read.ops[0].region->hub_curve.bytes[0], 7);
    assert_int_equal(read.ops[0].region->hub_sign.bytes[0], 8);
    assert_string_equal(read.ops[1].organisation.text, "ocmw");
    expect_sample(read.ops[1].member);
    assert_string_equal(read.ops[2].reason, "closed its doors");
    assert_null(read.ops[2].member);
    assert_true(read.ops[3].has_position);
    assert_memory_equal(&read.ops[3].position, &ops[3].position, sizeof(struct position));
    arena_free(arena);
}

static void signed_entries_and_applications_are_read_back(void **state) {
    struct arena *arena = new_arena();
    struct entry_signature signatures[2] = {{key_of(1), {2}}, {key_of(3), {4}}};
    const struct signed_entry entry = {bytes_from_text("entry"), signatures, 2};
    const struct join_application application = {
        .organisation = {"ocmw"}, .member = sample_member(), .now_ms = -1, .hub = {"kortrijk"}};
    const struct bytes entries[2] = {bytes_from_text("one"), bytes_from_text("two")};
    struct signed_entry entry_read;
    struct join_application application_read;
    struct bytes *entries_read;
    size_t count;
    struct bytes bytes;
    assert_int_equal(signed_entry_encode(&entry, arena, &bytes), 0);
    assert_int_equal(signed_entry_decode(bytes, arena, &entry_read), REFUSAL_NONE);
    assert_true(bytes_equal(entry_read.entry, entry.entry));
    assert_int_equal(entry_read.signature_count, 2);
    assert_memory_equal(entry_read.signatures, signatures, sizeof(signatures));
    assert_int_equal(join_application_encode(&application, arena, &bytes), 0);
    assert_int_equal(join_application_decode(bytes, arena, &application_read), REFUSAL_NONE);
    assert_string_equal(application_read.organisation.text, "ocmw");
    assert_string_equal(application_read.hub.text, "kortrijk");
    assert_int_equal(application_read.now_ms, -1);
    expect_sample(&application_read.member);
    assert_int_equal(directory_encode(entries, 2, arena, &bytes), 0);
    assert_int_equal(directory_decode(bytes, arena, &entries_read, &count), REFUSAL_NONE);
    assert_int_equal(count, 2);
    assert_true(bytes_equal(entries_read[1], entries[1]));
    arena_free(arena);
}

static enum refusal refused(struct arena *arena, const struct member *member) {
    struct bytes bytes;
    struct member read;
    assert_int_equal(member_encode(member, arena, &bytes), 0);
    return member_decode(bytes, arena, &read);
}

static void a_member_with_words_that_are_on_no_list_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct member member = sample_member();
    member.kind = (enum org_kind)13;
    assert_int_equal(refused(arena, &member), REFUSAL_UNKNOWN_VALUE);
    member = sample_member();
    member.competence = (enum competence)4;
    assert_int_equal(refused(arena, &member), REFUSAL_UNKNOWN_VALUE);
    member = sample_member();
    member.role = (enum member_role)3;
    assert_int_equal(refused(arena, &member), REFUSAL_UNKNOWN_VALUE);
    member = sample_member();
    member.may_take_consent = (enum consent_right)4;
    assert_int_equal(refused(arena, &member), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

static void a_member_with_places_names_or_closures_of_another_form_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct member member = sample_member();
    struct nis place = {123};
    member.onthaal = &place;
    member.onthaal_count = 1;
    assert_int_equal(refused(arena, &member), REFUSAL_MALFORMED);
    member = sample_member();
    struct closure closure = {10, 10, {""}};
    member.closures = &closure;
    member.closure_count = 1;
    assert_int_equal(refused(arena, &member), REFUSAL_MALFORMED);
    member = sample_member();
    memcpy(member.name, "a\nb", 4);
    assert_int_equal(refused(arena, &member), REFUSAL_MALFORMED);
    member = sample_member();
    struct service_id service = {"Housing"};
    member.services = &service;
    member.service_count = 1;
    assert_int_equal(refused(arena, &member), REFUSAL_MALFORMED);
    struct raw raw = raw_new(arena);
    struct member read;
    raw_text(&raw, 5, "a key that is too short");
    assert_int_equal(member_decode(raw_bytes(&raw), arena, &read), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void lists_and_texts_beyond_their_limit_are_refused(void **state) {
    struct arena *arena = new_arena();
    static struct nis many[321];
    struct member member = sample_member();
    for (size_t i = 0; i < 321; i++) {
        many[i].code = 34022;
    }
    member.onthaal = many;
    member.onthaal_count = 320;
    assert_int_equal(refused(arena, &member), REFUSAL_NONE);
    member.onthaal_count = 321;
    assert_int_equal(refused(arena, &member), REFUSAL_TOO_LARGE);
    struct raw raw = raw_new(arena);
    struct member read;
    char name[NAME_BYTES_MAX + 2];
    memset(name, 'n', sizeof(name));
    name[NAME_BYTES_MAX + 1] = '\0';
    raw_text(&raw, 1, name);
    assert_int_equal(member_decode(raw_bytes(&raw), arena, &read), REFUSAL_TOO_LARGE);
    raw.length = 0;
    name[NAME_BYTES_MAX] = '\0';
    raw_text(&raw, 1, name);
    assert_int_equal(member_decode(raw_bytes(&raw), arena, &read), REFUSAL_NONE);
    arena_free(arena);
}

static void an_entry_without_sequence_operations_or_a_sane_quorum_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct public_key directors[2] = {key_of(5), key_of(6)};
    struct region region = {.hub = {"kortrijk"}, .directors = directors, .director_count = 2};
    struct directory_op op = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    struct directory_entry entry = {.sequence = 1, .ops = &op, .op_count = 1};
    struct directory_entry read;
    struct bytes bytes;
    for (uint32_t quorum = 0; quorum <= 3; quorum++) {
        region.quorum = quorum;
        assert_int_equal(directory_entry_encode(&entry, arena, &bytes), 0);
        assert_int_equal(directory_entry_decode(bytes, arena, &read),
                         quorum == 0 || quorum == 3 ? REFUSAL_MALFORMED : REFUSAL_NONE);
    }
    region.quorum = 1;
    entry.sequence = 0;
    assert_int_equal(directory_entry_encode(&entry, arena, &bytes), 0);
    assert_int_equal(directory_entry_decode(bytes, arena, &read), REFUSAL_MALFORMED);
    entry.sequence = 1;
    entry.op_count = 0;
    assert_int_equal(directory_entry_encode(&entry, arena, &bytes), 0);
    assert_int_equal(directory_entry_decode(bytes, arena, &read), REFUSAL_MALFORMED);
    entry.op_count = 1;
    op.kind = (enum directory_op_kind)15;
    assert_int_equal(directory_entry_encode(&entry, arena, &bytes), 0);
    assert_int_equal(directory_entry_decode(bytes, arena, &read), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

static void an_entry_beyond_its_size_is_neither_written_nor_read(void **state) {
    struct arena *arena = new_arena();
    struct member member = sample_member();
    struct directory_op ops[DIRECTORY_OPS_MAX];
    static const char *hours[300];
    for (size_t i = 0; i < 300; i++) {
        hours[i] = "34022 3 13:30-16:00";
    }
    member.sitting = hours;
    member.sitting_count = 300;
    for (size_t i = 0; i < DIRECTORY_OPS_MAX; i++) {
        ops[i] = (struct directory_op){
            .kind = DIRECTORY_OP_JOIN, .organisation = {"ocmw"}, .member = &member};
    }
    const struct directory_entry entry = {.sequence = 1, .ops = ops, .op_count = DIRECTORY_OPS_MAX};
    static const uint8_t large[DIRECTORY_ENTRY_BYTES_MAX + 1];
    struct directory_entry read;
    struct bytes bytes;
    assert_int_equal(directory_entry_encode(&entry, arena, &bytes), ERR_TOO_LARGE);
    assert_int_equal(directory_entry_decode(BYTES_OF(large), arena, &read), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void an_application_without_member_or_hub_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct raw raw = raw_new(arena);
    struct join_application read;
    raw_text(&raw, 1, "ocmw");
    raw_text(&raw, 4, "kortrijk");
    assert_int_equal(join_application_decode(raw_bytes(&raw), arena, &read), REFUSAL_MALFORMED);
    raw_run(&raw, 2, (struct bytes){0});
    assert_int_equal(join_application_decode(raw_bytes(&raw), arena, &read), REFUSAL_NONE);
    raw.length = 6;
    raw_run(&raw, 2, (struct bytes){0});
    assert_int_equal(join_application_decode(raw_bytes(&raw), arena, &read), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void a_member_cut_anywhere_does_not_crash(void **state) {
    struct arena *arena = new_arena();
    const struct member member = sample_member();
    struct bytes bytes;
    assert_int_equal(member_encode(&member, arena, &bytes), 0);
    for (size_t length = 0; length < bytes.length; length++) {
        struct member read;
        uint8_t *cut = malloc(length + 1);
        memcpy(cut, bytes.data, length);
        enum refusal refusal = member_decode((struct bytes){cut, length}, arena, &read);
        assert_true(refusal != REFUSAL_NO_ROOM);
        free(cut);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_read_back_with_all_its_fields),
        cmocka_unit_test(an_entry_is_read_back_with_all_its_fields),
        cmocka_unit_test(signed_entries_and_applications_are_read_back),
        cmocka_unit_test(a_member_with_words_that_are_on_no_list_is_refused),
        cmocka_unit_test(a_member_with_places_names_or_closures_of_another_form_is_refused),
        cmocka_unit_test(lists_and_texts_beyond_their_limit_are_refused),
        cmocka_unit_test(an_entry_without_sequence_operations_or_a_sane_quorum_is_refused),
        cmocka_unit_test(an_entry_beyond_its_size_is_neither_written_nor_read),
        cmocka_unit_test(an_application_without_member_or_hub_is_refused),
        cmocka_unit_test(a_member_cut_anywhere_does_not_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
