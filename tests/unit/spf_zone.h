/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_zone.h - a DNS in memory, and the vectors of SPF over it: lines of
 *   scenario NAME                  forget the zone, begin a new one
 *   zone NAME TYPE VALUE           A AAAA PTR TXT CNAME; MX 'PREFERENCE HOST';
 *                                  EMPTY: the name is there; TIMEOUT: no
 *                                  answer for what it has not; TIMEOUT TYPE
 *   test NAME CLIENT HELO SENDER RESULT[,RESULT...] EXPLANATION [MECHANISM]
 * where an EXPLANATION of * is any, DEFAULT is none of the owner's.
 */
#ifndef TESTS_SPF_ZONE_H
#define TESTS_SPF_ZONE_H

#include <stdatomic.h>

#include "milter/ask/spf.h"
#include "tests/unit/vectors.h"

struct spf_zone {
	struct zone_line {
		char *name, *type, *value; /* value may hold any byte, n long */
		size_t n;
	} *line;
	size_t lines, room;
	atomic_uint asked; /* questions so far */
};

void spf_zone_add(struct spf_zone *z, struct text name, struct text type,
    struct text value);
void spf_zone_clear(struct spf_zone *z);

/* For struct spf_dns: with is the zone. */
struct dns_answer *spf_zone_ask(void *with, struct text name,
    enum dns_type type, int64_t deadline_ms);

/*
 * Take a line of the vectors: scenario and zone change z.  True: it is a
 * test, for the caller.
 */
bool spf_zone_line(struct spf_zone *z, const struct vector *v);

/* The question of a test line, with 20 s for an answer. */
struct spf_question spf_zone_question(const struct vector *v);

/* Is result among those that a test line allows? */
bool spf_zone_allows(const struct vector *v, enum spf_result result);

/* Is this the explanation of a test line, or none of the owner's ("")? */
bool spf_zone_explains(const struct vector *v, const char *explanation);

#endif
