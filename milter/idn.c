/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/idn.h"

#include <idn2.h>
#include <stdlib.h>

#include "policy/domain.h"

/* Does any label begin with "xn--"? */
static bool
has_a_label(struct text name)
{
	size_t dot;

	while (name.n > 0) {
		if (text_begins(name, TEXT("xn--")))
			return true;
		dot = text_find(name, '.');
		name = text_cut(name, dot < name.n ? dot + 1 : dot, name.n);
	}
	return false;
}

static bool
has_u_label(struct text name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if ((unsigned char)name.at[i] > 0x7f)
			return true;
	return false;
}

/* The other spelling of name (heap, *other), or NULL there; IDN2_OK or not. */
static int
other_spelling(struct text name, char **other)
{
	char copy[DOMAIN_MAX + 1];

	*other = NULL;
	if (name.n > DOMAIN_MAX)
		return IDN2_OK;
	memcpy(copy, name.at, name.n);
	copy[name.n] = '\0';
	if (has_u_label(name))
		return idn2_to_ascii_8z(copy, other,
		    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (has_a_label(name))
		return idn2_to_unicode_8z8z(copy, other, 0);
	return IDN2_OK;
}

/* A copy of an entry's text, which is gone with the next policy_add. */
struct origin {
	char file[512]; /* or a DN */
	unsigned line;
	enum complaint_level level;
	char note[512];
};

static void
keep_origin(const struct policy *p, struct policy_entry *e, struct origin *o)
{
	struct text file = policy_entry_dn(p, e);

	o->line = file.n > 0 ? 0 : e->line;
	o->level = file.n > 0 ? COMPLAINT_NOTE : COMPLAINT_ERROR;
	if (file.n == 0)
		file = policy_source_name(p, e->source);
	if (file.n >= sizeof o->file)
		file.n = sizeof o->file - 1;
	memcpy(o->file, file.at, file.n);
	o->file[file.n] = '\0';
	if (e->note.n > sizeof o->note)
		e->note.n = sizeof o->note;
	if (e->note.n > 0)
		memcpy(o->note, e->note.at, e->note.n);
	e->note.at = o->note;
}

/* Entry i again under its other spelling, if it has one. */
static void
add_other(struct policy_builder *b, size_t i, struct complaints *c)
{
	const struct policy *p = policy_builder_view(b);
	struct policy_entry e;
	struct origin origin;
	enum policy_error error;
	char *other;
	int result;

	policy_entry_at(p, i, &e);
	if ((e.kind != POLICY_LOCAL && e.kind != POLICY_RELAY) ||
	    e.value.n == 0)
		return;
	result = other_spelling(e.value, &other);
	if (result == IDN2_OK && other == NULL)
		return;
	keep_origin(p, &e, &origin);
	if (result != IDN2_OK) {
		complaint_add(c, origin.level, origin.file, origin.line,
		    "not a valid international domain name: %s",
		    idn2_strerror(result));
		return;
	}
	e.value = text_of(other);
	error = policy_add(b, &e, NULL);
	if (error != POLICY_OK && error != POLICY_DUPLICATE)
		complaint_add(c, error == POLICY_NO_MEMORY ? COMPLAINT_ERROR :
		    origin.level, origin.file, origin.line, "%s: %s", other,
		    policy_error_text(error));
	idn2_free(other);
}

void
idn_add_spellings(struct policy_builder *b, struct complaints *c)
{
	size_t i, n = policy_entries(policy_builder_view(b));

	for (i = 0; i < n; i++)
		add_other(b, i, c);
}

bool
idn_ascii(struct text name, char *out)
{
	char *other = NULL;
	bool good = name.n <= DOMAIN_MAX;

	if (good && has_u_label(name)) {
		good = other_spelling(name, &other) == IDN2_OK &&
		    other != NULL && strlen(other) <= DOMAIN_MAX;
		name = text_of(good ? other : "");
	}
	if (good) {
		memcpy(out, name.at, name.n);
		out[name.n] = '\0';
	}
	idn2_free(other);
	return good;
}
