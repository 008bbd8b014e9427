/* An invitation as somebody typed or pasted it. What is taken must be written again as something
 * that says the same, and a fault's place must lie in the text. */
#include <stdlib.h>
#include <string.h>

#include "shared/members/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct invitation invitation;
    struct invitation again;
    char text[INVITATION_TEXT_SIZE];
    size_t place;
    char *given = malloc(size + 1);
    if (given == NULL) {
        abort();
    }
    memcpy(given, data, size);
    given[size] = '\0';
    enum refusal refusal = invitation_parse(given, &invitation, &place);
    if (place > strlen(given) + 1 || (refusal == REFUSAL_NONE && place != 0)) {
        abort();
    }
    free(given);
    if (refusal != REFUSAL_NONE) {
        return 0;
    }
    invitation_format(&invitation, text);
    if (invitation_parse(text, &again, &place) != REFUSAL_NONE ||
        memcmp(again.secret, invitation.secret, sizeof(again.secret)) != 0 ||
        strcmp(again.join_endpoint, invitation.join_endpoint) != 0 ||
        strcmp(again.region, invitation.region) != 0) {
        abort();
    }
    return 0;
}
