/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_checked.h - SPF checks over a zone in memory that must keep the promises
 * of spf.h, whatever the zone says; for the unit tests.
 */
#ifndef TESTS_SPF_CHECKED_H
#define TESTS_SPF_CHECKED_H

#include "tests/unit/spf_zone.h"

bool spf_is_printable(const char *s);

/* spf_follow(); what comes out is printable and within the limits. */
void spf_checked(struct spf_zone *z, const struct spf_question *q,
    struct spf_outcome *out);

/* The same for 192.0.2.1 saying HELO domain; z->asked counts from 0. */
struct spf_outcome spf_ask_about(struct spf_zone *z, const char *domain);

void spf_zone_text(struct spf_zone *z, const char *name, struct text txt);

/* first and n times word, in a room that is large enough. */
struct text spf_repeated(char *room, const char *first, const char *word,
    size_t n);

#endif
