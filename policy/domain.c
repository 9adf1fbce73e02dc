/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/domain.h"

#define LABEL_MAX 63

static bool
is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_' || (unsigned char)c > 0x7f;
}

size_t
domain_fold(struct text name, char *out)
{
	size_t i, label = 0;

	if (name.n != 0 && name.at[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > DOMAIN_MAX)
		return 0;
	/*@ loop invariant 0 <= i <= name.n;
	  @ loop invariant label <= LABEL_MAX;
	  @ loop invariant \forall integer k; 0 <= k < i ==>
	  @     domain_byte(name.at[k]);
	  @ loop assigns i, label, out[0 .. DOMAIN_MAX - 1];
	  @ loop variant name.n - i;
	  @*/
	for (i = 0; i < name.n; i++) {
		out[i] = text_lower(name.at[i]);
		if (out[i] == '.') {
			if (label == 0)
				return 0;
			label = 0;
		} else if (!is_label_byte(out[i]) || ++label > LABEL_MAX) {
			return 0;
		}
	}
	return label > 0 ? name.n : 0;
}

bool
domain_is_under(struct text name, struct text parent)
{
	size_t cut;

	if (name.n < parent.n || parent.n == 0)
		return false;
	cut = name.n - parent.n;
	if (cut > 0 && name.at[cut - 1] != '.')
		return false;
	return text_equal(text_cut(name, cut, name.n), parent);
}

bool
domain_is_single_label(struct text name)
{
	return text_find(name, '.') == name.n;
}
