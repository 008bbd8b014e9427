/* Which fields of vangnet.proto hold messages, for the scan. Mirrors the .proto by hand; the unit
 * test compares it with protobuf-c's own descriptors. Private to shared/wire. */
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
