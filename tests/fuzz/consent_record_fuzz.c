/* A consent record as it comes out of a vault or a backup. What decodes must be written again as
 * the very same bytes, for they are committed to. */
#include <stdlib.h>
#include <string.h>

#include "shared/consent/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct consent_record record;
    if (consent_record_decode((struct bytes){.data = data, .length = size}, &record) < 0) {
        return 0;
    }
    if (consent_record_check(&record) == REFUSAL_NONE && record.interpreter == INTERPRETER_MINOR) {
        abort();
    }
    uint8_t *again = malloc(size);
    if (again == NULL) {
        abort();
    }
    struct buf buf = buf_over(again, size);
    consent_record_encode(&record, &buf);
    if (buf.error != 0 || buf.length != size || memcmp(again, data, size) != 0) {
        abort();
    }
    free(again);
    return 0;
}
