/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/netstring.h"

#include <stdio.h>

/* Longest length that is read: nine digits cannot overflow. */
#define DIGITS_MAX 9

enum netstring_state
netstring_read(struct text bytes, size_t most, struct text *payload,
    size_t *used)
{
	size_t i = 0, length = 0;

	while (i < bytes.n && bytes.at[i] >= '0' && bytes.at[i] <= '9') {
		/* a leading zero is forbidden, but for zero itself */
		if (i == DIGITS_MAX || (i == 1 && length == 0))
			return NETSTRING_BAD;
		length = length * 10 + (size_t)(bytes.at[i] - '0');
		i++;
	}
	if (length > most || (i == 0 && bytes.n > 0))
		return NETSTRING_BAD;
	if (i == bytes.n)
		return NETSTRING_MORE;
	if (bytes.at[i] != ':')
		return NETSTRING_BAD;
	i++;
	if (bytes.n - i <= length)
		return NETSTRING_MORE;
	if (bytes.at[i + length] != ',')
		return NETSTRING_BAD;
	*payload = text_cut(bytes, i, i + length);
	*used = i + length + 1;
	return NETSTRING_WHOLE;
}

size_t
netstring_write(struct text payload, char *out, size_t cap)
{
	int n = snprintf(out, cap, "%zu:", payload.n);
	size_t head = (size_t)n;

	if (n < 0 || head >= cap || cap - head <= payload.n)
		return 0;
	if (payload.n > 0)
		memcpy(out + head, payload.at, payload.n);
	out[head + payload.n] = ',';
	return head + payload.n + 1;
}
