/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldap_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"
#include "policy/policy.h"
#include "policy/utf8.h"

struct text
ldap_base_name(struct text name)
{
	return text_cut(name, 0, text_find(name, ';'));
}

struct ldap_walk
ldap_walk_of(const struct ldap_entry *e, const char *name)
{
	return (struct ldap_walk){ .entry = e, .name = text_of(name) };
}

bool
ldap_walk_next(struct ldap_walk *w, struct text *value)
{
	const struct ldap_attribute *a;
	struct text base;

	for (; w->attribute < w->entry->n; w->attribute++, w->next = 0) {
		a = &w->entry->attribute[w->attribute];
		base = ldap_base_name(a->name);
		if (w->next >= a->n || !text_same(base, w->name))
			continue;
		w->options = base.n < a->name.n;
		*value = a->value[w->next++];
		return true;
	}
	return false;
}

/* The next byte in lower case, a run of blanks as one; -1 at the end. */
static int
next_byte(struct text *s)
{
	char c;

	if (s->n == 0)
		return -1;
	c = text_lower(s->at[0]);
	do
		*s = text_cut(*s, 1, s->n);
	while (c == ' ' && s->n > 0 && s->at[0] == ' ');
	return (int)text_byte(c);
}

bool
ldap_value_same(struct text a, struct text b)
{
	int x, y;

	a = text_trim(a);
	b = text_trim(b);
	do {
		x = next_byte(&a);
		y = next_byte(&b);
	} while (x == y && x != -1);
	return x == y;
}

bool
ldap_has(const struct ldap_entry *e, const char *name, struct text value)
{
	struct ldap_walk w = ldap_walk_of(e, name);
	struct text found;

	while (ldap_walk_next(&w, &found))
		if (ldap_value_same(found, value))
			return true;
	return false;
}

const char *
ldap_value_fault(struct text value)
{
	size_t i = 0, n;

	if (value.n == 0)
		return "an empty value";
	if (value.n > LDAP_VALUE_MAX)
		return "too long";
	while (i < value.n) {
		unsigned b = text_byte(value.at[i]);

		if (b < 0x20 || b == 0x7f)
			return "control characters";
		n = b < 0x80 ? 1 : utf8_length(value, i);
		if (n == 0)
			return "not UTF-8";
		i += n;
	}
	return NULL;
}

void
ldap_complain(const struct ldap_entry *e, struct complaints *c,
    enum complaint_level level, const char *format, ...)
{
	char *dn = strndup(e->dn.n > 0 ? e->dn.at : "", e->dn.n);
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (dn != NULL)
		complaint_add(c, level, dn, 0, "%s", text);
	else
		c->out_of_memory = true;
	free(dn);
}

bool
ldap_lacked_memory(const struct complaints *said)
{
	const char *no_memory = policy_error_text(POLICY_NO_MEMORY);
	size_t i;

	for (i = 0; i < said->n; i++)
		if (strstr(said->at[i].text, no_memory) != NULL)
			return true;
	return said->out_of_memory;
}

void
ldap_complain_of(const struct ldap_entry *e, struct complaints *c,
    const char *name, const struct complaint *said)
{
	char text[1024];
	size_t n = strlen(said->text);

	n = unescape_text((struct text){ said->text,
	    n < sizeof text ? n : sizeof text }, text);
	ldap_complain(e, c, COMPLAINT_ERROR, "%s: %.*s", name, (int)n, text);
}
