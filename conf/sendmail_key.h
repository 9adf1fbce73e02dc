/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmail_key.h - the address notation of sendmail's class files and access
 * map.  It has no masks: the leading groups of an address stand for the
 * network, since sendmail cuts groups off the end until a key fits.
 */
#ifndef CONF_SENDMAIL_KEY_H
#define CONF_SENDMAIL_KEY_H

#include "policy/network.h"

enum key_form {
	KEY_NAME,    /* not an address: a domain, or nothing we know */
	KEY_NETWORK, /* "10", "10.56.23", "IPv6:2001:db8", a full address */
	KEY_MASK,    /* "10.0.0.0/8" */
	KEY_BAD      /* meant as an address, but never equal to one */
};

struct key {
	enum key_form form;
	struct network network; /* KEY_NETWORK: what it surely names */
	/*
	 * What it may name at most.  Wider for "IPv6:2001:db8::" alone: one
	 * address, but 2001:db8::/32 to a sendmail with short IPv6 text.
	 */
	struct network widest;
};

void sendmail_key_parse(struct text s, struct key *out);

#endif
