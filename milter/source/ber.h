/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ber.h - reads BER as LDAP uses it (RFC 4511 5.1: definite lengths, one byte
 * of tag), in place.  lber is not used here because its public interface
 * copies, or writes a NUL behind what it has read, past the end of a buffer
 * of exact size.
 */
#ifndef SOURCE_BER_H
#define SOURCE_BER_H

#include "policy/text.h"

#define BER_BOOLEAN 0x01
#define BER_INTEGER 0x02
#define BER_OCTETS 0x04
#define BER_ENUMERATED 0x0a
#define BER_SEQUENCE 0x30
#define BER_SET 0x31

/*
 * Cut the next element off rest; its content goes to out, its tag is returned.
 * -1: rest is empty, or what is there is no whole element; nothing is cut.
 */
int ber_next(struct text *rest, struct text *out);

/* The same if it has this tag; otherwise false and nothing is cut. */
bool ber_take(struct text *rest, int tag, struct text *out);

/* Is all of rest whole elements? */
bool ber_is_sound(struct text rest);

#endif
