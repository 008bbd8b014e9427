#include "shared/wire/shapes.h"

#include <stddef.h>

#define SHAPE(fields_by_number)                                                                    \
    {                                                                                              \
        .field_count = sizeof(fields_by_number) / sizeof((fields_by_number)[0]),                   \
        .fields = (fields_by_number)                                                               \
    }

/* A message whose highest field number is `n` and that holds no messages. */
#define FLAT(name, n)                                                                              \
    static const struct wire_shape *const name##_fields[(n) + 1] = {NULL};                         \
    static const struct wire_shape name = SHAPE(name##_fields)

FLAT(position, 3);
FLAT(directory_head, 2);
FLAT(posting, 2);
FLAT(signed_acknowledgement, 2);
FLAT(join_request, 4);
FLAT(join_answer, 3);
FLAT(refused, 4);
FLAT(not_taken, 5);
FLAT(count, 2);
FLAT(histogram, 2);
FLAT(service_status, 7);
FLAT(entry_signature, 2);
FLAT(region, 6);
FLAT(catchment, 3);
FLAT(closure, 3);
FLAT(look_request, 3);
FLAT(look_reply, 4);
FLAT(signed_token, 3);
FLAT(notice_flag, 11);
FLAT(look_support, 8);
FLAT(look_seen, 2);
FLAT(look_flag, 4);
FLAT(look_ask, 5);

static const struct wire_shape *const hello_fields[9] = {[6] = &position, [8] = &directory_head};
static const struct wire_shape hello = SHAPE(hello_fields);
static const struct wire_shape *const welcome_fields[6] = {[3] = &signed_acknowledgement};
static const struct wire_shape welcome = SHAPE(welcome_fields);
static const struct wire_shape *const packet_fields[9] = {
    [1] = &hello,        [2] = &welcome,     [3] = &posting,      [4] = &signed_acknowledgement,
    [5] = &join_request, [6] = &join_answer, [7] = &look_request, [8] = &look_reply};
const struct wire_shape shape_packet = SHAPE(packet_fields);

static const struct wire_shape *const envelope_fields[13] = {[11] = &directory_head};
const struct wire_shape shape_envelope = SHAPE(envelope_fields);

static const struct wire_shape *const receipt_fields[6] = {[5] = &refused};
static const struct wire_shape receipt = SHAPE(receipt_fields);
static const struct wire_shape *const acknowledgement_fields[11] = {
    [4] = &position, [6] = &directory_head, [7] = &receipt, [8] = &not_taken, [9] = &position};
const struct wire_shape shape_acknowledgement = SHAPE(acknowledgement_fields);

static const struct wire_shape *const left_fields[3] = {[2] = &histogram};
static const struct wire_shape left = SHAPE(left_fields);
static const struct wire_shape *const service_figures_fields[9] = {
    [2] = &count,     [3] = &count, [4] = &histogram, [5] = &histogram,
    [6] = &histogram, [7] = &left,  [8] = &histogram};
static const struct wire_shape service_figures = SHAPE(service_figures_fields);
static const struct wire_shape *const counted_fields[4] = {[2] = &count, [3] = &count};
static const struct wire_shape counted = SHAPE(counted_fields);
static const struct wire_shape *const signal_fields[12] = {
    [6] = &count, [7] = &count, [8] = &service_figures, [9] = &counted, [10] = &counted};
const struct wire_shape shape_signal = SHAPE(signal_fields);

static const struct wire_shape *const status_fields[4] = {[3] = &service_status};
const struct wire_shape shape_status = SHAPE(status_fields);

static const struct wire_shape *const signed_entry_fields[3] = {[2] = &entry_signature};
const struct wire_shape shape_signed_entry = SHAPE(signed_entry_fields);
static const struct wire_shape *const member_fields[23] = {[12] = &catchment, [17] = &closure};
const struct wire_shape shape_member = SHAPE(member_fields);
static const struct wire_shape *const op_fields[7] = {
    [3] = &region, [4] = &shape_member, [5] = &position};
static const struct wire_shape op = SHAPE(op_fields);
static const struct wire_shape *const directory_entry_fields[5] = {[4] = &op};
const struct wire_shape shape_directory_entry = SHAPE(directory_entry_fields);

static const struct wire_shape *const directory_fields[2] = {NULL};
const struct wire_shape shape_directory = SHAPE(directory_fields);
static const struct wire_shape *const join_application_fields[5] = {[2] = &shape_member};
const struct wire_shape shape_join_application = SHAPE(join_application_fields);

/* As FLAT, seen by the other files of this room. */
#define FLAT_SHAPE(name, n)                                                                        \
    static const struct wire_shape *const name##_fields[(n) + 1] = {NULL};                         \
    const struct wire_shape shape_##name = SHAPE(name##_fields)

FLAT_SHAPE(sealed, 2);
FLAT_SHAPE(proven, 2);
FLAT_SHAPE(consent_token, 12);
FLAT_SHAPE(withdrawal, 5);
FLAT_SHAPE(support, 13);
FLAT_SHAPE(concern, 8);
FLAT_SHAPE(flag_answer, 5);
FLAT_SHAPE(called_back, 2);
FLAT_SHAPE(erased, 2);
FLAT_SHAPE(tombstone, 5);
FLAT_SHAPE(look, 5);

static const struct wire_shape *const contact_envelope_fields[3] = {[2] = &shape_sealed};
static const struct wire_shape contact_envelope = SHAPE(contact_envelope_fields);
static const struct wire_shape *const consent_message_fields[6] = {
    [2] = &signed_token, [3] = &contact_envelope, [4] = &shape_proven};
const struct wire_shape shape_consent_message = SHAPE(consent_message_fields);
static const struct wire_shape *const ask_fields[10] = {[9] = &shape_sealed};
const struct wire_shape shape_ask = SHAPE(ask_fields);
static const struct wire_shape *const ask_answer_fields[9] = {[7] = &shape_sealed};
const struct wire_shape shape_ask_answer = SHAPE(ask_answer_fields);
static const struct wire_shape *const call_back_fields[7] = {[6] = &shape_sealed};
const struct wire_shape shape_call_back = SHAPE(call_back_fields);
static const struct wire_shape *const new_card_fields[4] = {[3] = &shape_sealed};
const struct wire_shape shape_new_card = SHAPE(new_card_fields);
static const struct wire_shape *const card_moved_fields[6] = {[4] = &signed_token};
const struct wire_shape shape_card_moved = SHAPE(card_moved_fields);
static const struct wire_shape *const notice_fields[13] = {
    [5] = &signed_token, [6] = &notice_flag, [8] = &posting, [9] = &shape_sealed};
const struct wire_shape shape_notice = SHAPE(notice_fields);
static const struct wire_shape *const look_answer_fields[8] = {
    [2] = &signed_token, [3] = &look_support, [4] = &look_seen, [5] = &look_flag, [6] = &look_ask};
const struct wire_shape shape_look_answer = SHAPE(look_answer_fields);
