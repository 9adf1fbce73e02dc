/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * readings.h - every host that some MTA could send an address on to.
 * A mail server that takes "u%d@here" may read it as u@d; one that strips
 * quotes may read "u@d"@here the same way; and the next hop may do so again
 * with what is left.  Whatever the dialect and however deep the nesting, each
 * step picks one operator and makes one run of bytes between operators the
 * next host.  So one pass over the local part, quotes and backslashes laid
 * aside, finds every host that any chain of steps can reach: no recursion,
 * nothing missed, linear time.
 *
 * An operator with something on both sides is a route, whatever stands around
 * it; with nothing on one side it is part of a name.  A host needs a letter or
 * digit, and so does a user, except beside a qualified host.  Hence "sale!",
 * "100%", "wow!!!" and "hello world!" have no reading, "5% off" has one:
 * Postfix as it comes would send it to the host "off".
 *
 * Full-width and small-form operators (U+FF05, U+FE6A ...) become the ASCII
 * ones wherever an MTA folds compatibility characters (NFKC), so they are read
 * as operators too.
 */
#ifndef POLICY_READINGS_H
#define POLICY_READINGS_H

#include "policy/address.h"

enum form {
	FORM_PLAIN,        /* the domain as written */
	FORM_PERCENT,      /* u%d */
	FORM_QUOTED_PERCENT,
	FORM_BANG,         /* d!u */
	FORM_SOURCE_ROUTE, /* @d:u@e */
	FORM_QUOTED_AT,    /* "u@d" */
	FORM_MULTI_AT,     /* u@d@e */
	FORM_DECNET,       /* "d::u" */
	FORM_WIDE,         /* any of these with a full-width operator */
	FORM_PROGRAM       /* "|program", "/file", ":include:file": no host */
};

/* The name used in replies, records and documents: "percent-hack". */
const char *form_name(enum form form);

struct reading {
	enum form form;
	size_t by;        /* which operator makes it, counted in bytes */
	struct text host; /* points into the argument or into scratch;
			     FORM_PROGRAM: the target itself */
};

#define READINGS_MAX 24

struct readings {
	size_t n;
	bool too_many; /* more than READINGS_MAX: never an honest address */
	struct reading at[READINGS_MAX];
	char scratch[ADDRESS_MAX]; /* the local part without its quoting */
};

/*
 * All readings of a, which must not be ADDRESS_MALFORMED; the plain domain
 * itself is not among them.  out must not be moved or copied afterwards.
 */
void readings_find(const struct address *a, struct readings *out);

/* Is there a reading of this form? */
bool readings_have(const struct readings *r, enum form form);

#endif
