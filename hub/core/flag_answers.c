#include "hub/core/families.h"
#include "hub/core/flags.h"

/* What an organisation does with a flag; the rules are in flags_answer.c. */

int flag_answers_take(struct family_work *work, const struct office_mail *mail, enum refusal *ret) {
    struct flag_answer answer;
    *ret = flag_answer_decode(mail->envelope.body, work->view->arena, &answer);
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    *ret = flags_answer(work->family, &work->world, &mail->envelope.sender.org, &answer,
                        work->effects);
    return 0;
}
