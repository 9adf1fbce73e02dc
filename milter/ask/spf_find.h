/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_find.h - what libspf2 looks up, found: the term behind a token is
 * counted, expanded and asked for (RFC 7208 5).
 */
#ifndef MILTER_ASK_SPF_FIND_H
#define MILTER_ASK_SPF_FIND_H

#include "milter/ask/spf_run.h"

/* What libspf2 is told. */
struct spf_found {
	enum dns_status status;
	struct dns_answer *answer; /* addresses; NULL: none but see client */
	bool client;               /* one address: the client's own */
	size_t hosts;              /* of an mx: their tokens are h0.x, h1.x... */
};

/* The addresses or hosts behind a token; found->answer is to be freed. */
void spf_find(struct spf_run *r, const char *token, struct spf_found *found);

/* What a token stands for, or NULL: libspf2 gives back what it was given. */
struct spf_token *spf_find_token(struct spf_run *r, const char *token);

/* A term is tried that asks the DNS; false: one too many. */
bool spf_find_begin(struct spf_run *r, struct spf_token *t);

/* The name a term is about, into out[DOMAIN_MAX]; 0: there can be none. */
size_t spf_find_target(struct spf_run *r, const struct spf_token *t,
    char *out);

#endif
