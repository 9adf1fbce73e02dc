/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldap_filter.h"

#include <stdio.h>

/* Does the byte stand for itself in a value? */
static bool
is_plain(char c)
{
	return text_byte(c) >= 0x20 && strchr("*()\\\x7f", c) == NULL;
}

bool
ldap_filter_equal(struct ldap_lines *out, const char *name, struct text value)
{
	bool good = ldap_lines_add(out, TEXT("(")) &&
	    ldap_lines_add(out, text_of(name)) &&
	    ldap_lines_add(out, TEXT("="));
	char escaped[4];
	size_t i;

	for (i = 0; i < value.n && good; i++) {
		if (is_plain(value.at[i])) {
			good = ldap_lines_add(out, text_cut(value, i, i + 1));
			continue;
		}
		snprintf(escaped, sizeof escaped, "\\%02x",
		    text_byte(value.at[i]) & 0xff);
		good = ldap_lines_add(out, text_of(escaped));
	}
	return good && ldap_lines_add(out, TEXT(")"));
}

bool
ldap_filter_is_whole(struct text filter)
{
	size_t depth = 0, i;

	for (i = 0; i < filter.n; i++) {
		if (text_byte(filter.at[i]) < 0x20)
			return false;
		if (depth == 0 && (i > 0 || filter.at[i] != '('))
			return false; /* before it, behind it */
		if (filter.at[i] == '(')
			depth++;
		else if (filter.at[i] == ')')
			depth--;
	}
	return filter.n > 2 && depth == 0 && text_find(filter, '=') < filter.n;
}

bool
ldap_attribute_name(struct text name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		char c = text_lower(name.at[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '.')
			return false;
	}
	return name.n > 0 && name.n < 256;
}
