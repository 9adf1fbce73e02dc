/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_mark.h - what SPF said of a message, in its header: Received-SPF (RFC
 * 7208 9.1) and Authentication-Results (RFC 8601), and which fields of the
 * latter were there before under our name (section 5).
 */
#ifndef JUDGE_SENDER_MARK_H
#define JUDGE_SENDER_MARK_H

#include "milter/judge/sender_facts.h"

/* Texts of two fields, folded with "\n\t"; "" when there is none. */
struct sender_mark {
	char received[SPF_HEADER_MAX]; /* Received-SPF */
	char results[SPF_HEADER_MAX];  /* Authentication-Results */
};

/*
 * What is to be added to the message; waits for SPF when nobody has before.
 * False: nothing, this message is not marked.
 */
bool sender_mark_write(struct sender_findings *f, const struct envelope *e,
    struct sender_mark *out);

/*
 * The Authentication-Results fields of a message that pretend to be ours, as
 * milters count: from 1, fields of that name alone.
 */
struct sender_forged {
	unsigned seen; /* fields of that name */
	unsigned *at;  /* heap; n of them, ascending */
	size_t n;
	bool missed;   /* out of memory: not all of them are here */
};

/* One field of the message's header, in their order. */
void sender_forged_look(struct sender_forged *forged,
    const struct sender_findings *f, struct text own_name, struct text name,
    struct text value);

void sender_forged_clear(struct sender_forged *forged);

#endif
