/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spelling.h - from a template of the table to the argument on the wire: put
 * in the names, with or without angle brackets.
 */
#ifndef PROBE_SPELLING_H
#define PROBE_SPELLING_H

#include "policy/domain.h"
#include "policy/network.h"

/* Longest argument of MAIL FROM: or RCPT TO:, with the NUL. */
#define PROBE_ARGUMENT_MAX 1024
#define PROBE_LITERAL_MAX (IP_TEXT_MAX + sizeof "[IPv6:]")

/* What stands for the names in braces, see table.h. */
struct probe_names {
	char server[DOMAIN_MAX + 1]; /* "" = not known yet */
	char literal[PROBE_LITERAL_MAX];
	char own[PROBE_LITERAL_MAX];
	char tester[DOMAIN_MAX + 1];
	char foreign[DOMAIN_MAX + 1];
	char third[DOMAIN_MAX + 1];
	char relay[DOMAIN_MAX + 1]; /* "" = none known */
	char address[IP_TEXT_MAX];  /* literal without its brackets */
	char local[PROBE_ARGUMENT_MAX / 2]; /* {l} is its domain */
};

enum probe_spelling {
	SPELLING_PRINTED,  /* exactly as the template has it (controls) */
	SPELLING_BARE,     /* no brackets; the template's leading blank */
	SPELLING_BRACKETED /* in brackets, no blank, as RFC 5321 wants it */
};
/* "as printed", "bare", "bracketed". */
const char *spelling_text(enum probe_spelling s);

/*
 * Write what template gives to out, NUL-terminated.  The null
 * sender <> keeps its brackets in every spelling.  False: it does not fit or
 * template has an unknown name in braces; out is then "".
 */
bool spelling_fill(const char *template, const struct probe_names *names,
    enum probe_spelling s, char out[PROBE_ARGUMENT_MAX]);

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]", RFC 5321 4.1.3. */
void spelling_literal(const struct ip *ip, char out[PROBE_LITERAL_MAX]);

#endif
