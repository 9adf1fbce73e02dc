/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_name.h"

#define POINTER 0xc0
#define LABEL_MAX 63

struct text
dns_name_text(const struct dns_name *name)
{
	return (struct text){ name->at, name->n };
}

/* One label more; false when the name gets too long. */
static bool
append(struct dns_name *name, struct text label)
{
	size_t dot = name->n > 0, i;

	if (name->n + dot + label.n > sizeof name->at)
		return false;
	if (dot)
		name->at[name->n++] = '.';
	for (i = 0; i < label.n; i++) {
		name->odd = name->odd || label.at[i] == '.';
		name->at[name->n++] = text_lower(label.at[i]);
	}
	return true;
}

/*
 * The place that the pointer at position at names.  It must be before start,
 * where this run of labels began: so that following pointers comes to an end.
 */
static bool
follow(struct text message, size_t at, size_t start, size_t *to)
{
	if (message.n - at < 2)
		return false;
	*to = (text_byte(message.at[at]) & ~(unsigned)POINTER) << 8 |
	    text_byte(message.at[at + 1]);
	return *to < start;
}

bool
dns_name_read(struct text message, size_t *at, struct dns_name *name)
{
	size_t here = *at, start = *at, behind = 0;
	unsigned length;

	name->n = 0;
	name->odd = false;
	while (here < message.n) {
		length = text_byte(message.at[here]);
		if (length == 0) {
			*at = behind > 0 ? behind : here + 1;
			return true;
		}
		if (length >= POINTER) {
			behind = behind > 0 ? behind : here + 2;
			if (!follow(message, here, start, &here))
				return false;
			start = here;
			continue;
		}
		if (length > LABEL_MAX || message.n - here - 1 < length ||
		    !append(name, text_cut(message, here + 1,
		    here + 1 + length)))
			return false;
		here += 1 + length;
	}
	return false;
}
