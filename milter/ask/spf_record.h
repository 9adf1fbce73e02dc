/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_record.h - one SPF record: is it right to the letter (RFC 7208 12), and
 * which of its terms can matter to one client?  Pure: it borrows from the
 * record's text and allocates nothing.
 */
#ifndef MILTER_ASK_SPF_RECORD_H
#define MILTER_ASK_SPF_RECORD_H

#include "policy/network.h"

/* Longest term that is taken; a longer one is an error in the record. */
#define SPF_TERM_MAX 4096

enum spf_term_kind {
	SPF_TERM_NONE, /* no term: nothing in the record matched */
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT,
	SPF_TERM_EXP,
	SPF_TERM_OTHER /* a modifier unknown to us: to be ignored (6) */
};

struct spf_term {
	enum spf_term_kind kind;
	char qualifier;         /* one of + - ~ ? */
	struct text text;       /* all of it, as it is written */
	struct text domain;     /* its domain-spec; empty: where the record is */
	struct network network; /* ip4, ip6: not unmapped, bits as written */
	unsigned bits4, bits6;  /* a, mx */
};

struct spf_record {
	struct text terms;        /* behind the version */
	struct spf_term redirect; /* SPF_TERM_NONE: there is none */
	struct spf_term exp;
};

/* What is wrong with a record, and the term in which it is. */
struct spf_flaw {
	const char *words; /* of a person's language, static */
	struct text term;
};

/* Is this TXT record an SPF record (4.5), right or wrong? */
bool spf_record_is(struct text txt);

/* Read an SPF record; false: flaw says what is wrong with it. */
bool spf_record_parse(struct text txt, struct spf_record *out,
    struct spf_flaw *flaw);

/*
 * The next term of a record without flaws: cut it off rest, which begins as
 * its terms; false at their end.  It borrows from rest.
 */
bool spf_record_next(struct text *rest, struct spf_term *out);

/*
 * The terms that can decide about this client, in the order in which they are
 * tried: terms of the DNS up to queries of them, then a network that holds
 * the client, or all, or redirect.  Returns how many were written to out[],
 * which has room for queries + 1.  With queries + 1 terms of the DNS or none
 * that ends it, the last has kind SPF_TERM_NONE.
 */
size_t spf_record_plan(const struct spf_record *r, const struct ip *client,
    size_t queries, struct spf_term *out);

#endif
