/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address.h - the grammar of one MAIL or RCPT argument (RFC 5321 4.1.2).
 * It only tells the parts from each other; it never cleans anything, because
 * a cleaned address no longer shows the trick.  Accepted beyond the RFC, since
 * honest clients send it: no angle brackets, no domain, a trailing dot, local
 * parts of any length and with dots anywhere, quoted-pairs outside quotes.
 * Text beyond ASCII (RFC 6531) is read only when the client said SMTPUTF8.
 */
#ifndef POLICY_ADDRESS_H
#define POLICY_ADDRESS_H

#include "policy/text.h"

/* Longest argument that is read at all; sendmail never passes on more. */
#define ADDRESS_MAX 512

enum address_class {
	ADDRESS_MALFORMED, /* see error and error_at */
	ADDRESS_NULL,      /* <> */
	ADDRESS_BARE,      /* a local part alone */
	ADDRESS_MAILBOX    /* local part and domain */
};

enum address_error {
	ADDRESS_OK = 0,
	ADDRESS_TOO_LONG,
	ADDRESS_CONTROL,   /* a control character or NUL */
	ADDRESS_EIGHT_BIT, /* a byte over 0x7f without SMTPUTF8 */
	ADDRESS_BAD_UTF8,  /* not UTF-8 (RFC 3629), or a C1 control in it */
	ADDRESS_BRACKETS,  /* < or > missing, doubled, or text after > */
	ADDRESS_QUOTES,    /* a quoted part that does not end or stands wrong */
	ADDRESS_BAD_ROUTE, /* a source route that is none */
	ADDRESS_BAD_LOCAL, /* a byte that no local part may have unquoted */
	ADDRESS_BAD_DOMAIN,
	ADDRESS_EMPTY      /* a part missing: "@d", "u@" */
};

/* All slices point into the argument given to address_parse. */
struct address {
	enum address_class class;
	enum address_error error;
	size_t error_at;    /* byte offset of the first mistake */
	struct text route;  /* "@a,@b" of a source route, without the colon */
	struct text local;  /* as typed, quotes included; may hold extra "@" */
	struct text domain; /* as typed: name, or literal with its brackets */
	size_t extra_ats;   /* unquoted at-signs inside local */
};

/*
 * argument: as it came, with or without <>; utf8: the client said SMTPUTF8.
 * Never fails: see class.
 */
void address_parse(struct text argument, bool utf8, struct address *out);

/* The error in words for a person. */
const char *address_error_text(enum address_error e);

/* Is this domain (as typed) an address literal, "[...]"? */
bool address_is_literal(struct text domain);

#endif
