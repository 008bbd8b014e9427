/* Which fields of the .proto files hold messages, for the scan. Mirrors the .proto by hand; the
 * unit test compares it with protobuf-c's own descriptors. Private to shared/wire. */
#pragma once

#include "shared/wire/scan.h"

extern const struct wire_shape shape_packet;
extern const struct wire_shape shape_envelope;
extern const struct wire_shape shape_acknowledgement;
extern const struct wire_shape shape_signal;
extern const struct wire_shape shape_status;
extern const struct wire_shape shape_signed_entry;
extern const struct wire_shape shape_directory_entry;
extern const struct wire_shape shape_directory;
extern const struct wire_shape shape_join_application;
extern const struct wire_shape shape_member;
extern const struct wire_shape shape_sealed;
extern const struct wire_shape shape_proven;
extern const struct wire_shape shape_consent_token;
extern const struct wire_shape shape_consent_message;
extern const struct wire_shape shape_withdrawal;
extern const struct wire_shape shape_support;
extern const struct wire_shape shape_ask;
extern const struct wire_shape shape_ask_answer;
extern const struct wire_shape shape_concern;
extern const struct wire_shape shape_flag_answer;
extern const struct wire_shape shape_call_back;
extern const struct wire_shape shape_called_back;
extern const struct wire_shape shape_new_card;
extern const struct wire_shape shape_card_moved;
extern const struct wire_shape shape_erased;
extern const struct wire_shape shape_notice;
extern const struct wire_shape shape_tombstone;
extern const struct wire_shape shape_look;
extern const struct wire_shape shape_look_answer;
