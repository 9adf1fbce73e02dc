/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/door_milter_mark.h"

#include "milter/log.h"

#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS)
#define RESULTS "Authentication-Results"

void
door_milter_mark_negotiate(struct session *s, unsigned long offered_actions,
    unsigned long offered_steps, unsigned long *actions, unsigned long *steps)
{
	s->marks = (offered_actions & ACTIONS) == ACTIONS;
	if (!s->marks) {
		if (session_may_say(&s->all->said_no_marks))
			log_say("spf: the mail server does not let filters "
			    "change header fields: mail is not marked");
		return;
	}
	*actions |= ACTIONS;
	*steps &= ~(unsigned long)SMFIP_NOHDRS;
	*steps |= offered_steps & SMFIP_NR_HDR;
	s->silent_fields = (offered_steps & SMFIP_NR_HDR) != 0;
}

/* The last first: then the others keep their numbers. */
static bool
remove_forged(SMFICTX *ctx, const struct sender_forged *forged)
{
	size_t i;

	for (i = forged->n; i > 0; i--)
		if (smfi_chgheader(ctx, plain(RESULTS),
		    (int)forged->at[i - 1], NULL) != MI_SUCCESS)
			return false;
	return !forged->missed;
}

/* At the very top, above the MTA's own Received (RFC 7208 9.1). */
static bool
add_field(SMFICTX *ctx, const char *name, char *value)
{
	return value[0] == '\0' ||
	    smfi_insheader(ctx, 0, plain(name), value) == MI_SUCCESS;
}

bool
door_milter_mark_message(SMFICTX *ctx, struct session *s)
{
	struct envelope e = session_envelope(s);
	struct sender_mark mark;

	if (!remove_forged(ctx, &s->forged))
		return false;
	return !sender_mark_write(&s->findings, &e, &mark) ||
	    (add_field(ctx, "Received-SPF", mark.received) &&
	    add_field(ctx, RESULTS, mark.results));
}
