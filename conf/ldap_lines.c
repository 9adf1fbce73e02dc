/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldap_lines.h"

#include <stdlib.h>

bool
ldap_lines_add(struct ldap_lines *l, struct text s)
{
	size_t cap = l->cap == 0 ? 128 : l->cap;
	char *at;

	while (cap - l->n < s.n) {
		if (cap > (size_t)-1 / 2)
			return false;
		cap *= 2;
	}
	if (cap != l->cap) {
		at = realloc(l->at, cap);
		if (at == NULL)
			return false;
		l->at = at;
		l->cap = cap;
	}
	if (s.n > 0)
		memcpy(l->at + l->n, s.at, s.n);
	l->n += s.n;
	return true;
}

void
ldap_lines_free(struct ldap_lines *l)
{
	free(l->at);
	*l = (struct ldap_lines){ 0 };
}
