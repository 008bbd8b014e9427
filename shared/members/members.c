#include "shared/members/members.h"

#include "shared/crypto/hash.h"

void member_words(const struct org_id *org, const struct public_key *sign,
                  const struct public_key *curve, char ret_text[static WORDS_TEXT_SIZE]) {
    struct hash hash;
    hash_begin(&hash, "member-words/v1");
    hash_run(&hash, bytes_from_text(org->text));
    hash_run(&hash, BYTES_OF(*sign));
    hash_run(&hash, BYTES_OF(*curve));
    struct digest digest = hash_end(&hash);
    words_format(&digest, ret_text);
}
