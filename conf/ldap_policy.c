/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldap_policy.h"

#include <stdio.h>

#include "conf/ldap_value.h"
#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "policy/utf8.h"

#define NOTE_MAX 256

/* An entry being turned into lines. */
struct making {
	const struct ldap_policy_rule *rule;
	const struct ldap_entry *e;
	struct ldap_lines *out;
	struct complaints *c;
	struct policy_builder *builder; /* knows what a value may be */
	enum policy_action action;
	enum policy_kind network; /* what a network is one of */
	int64_t until;
	char note[NOTE_MAX];
	size_t note_n;
};

#define WRONG(m, ...)                                                        \
	ldap_complain((m)->e, (m)->c, COMPLAINT_ERROR, __VA_ARGS__)

/* What an attribute that can have one value says. */
enum answer {
	ABSENT,
	PRESENT,
	WRONG_ONE /* told in c */
};

static enum answer
read_single(const struct making *m, const char *name, struct text *value)
{
	struct ldap_walk w = ldap_walk_of(m->e, name);
	struct text more;

	if (!ldap_walk_next(&w, value))
		return ABSENT;
	if (w.options)
		WRONG(m, "%s: must not have options (;...)", name);
	else if (ldap_walk_next(&w, &more))
		WRONG(m, "%s: more than one value", name);
	else
		return PRESENT;
	return WRONG_ONE;
}

/* Is this an entry whose lines we know how to begin? */
static bool
read_action(struct making *m)
{
	struct text value;

	switch (read_single(m, "rgAction", &value)) {
	case ABSENT:
		return true;
	case WRONG_ONE:
		return false;
	case PRESENT:
		break;
	}
	if (text_same(value, TEXT("RELAY")))
		return true;
	if (text_same(value, TEXT("FORWARDER"))) {
		m->network = POLICY_FORWARDER;
		return true;
	}
	m->action = POLICY_DENY;
	if (text_same(value, TEXT("REJECT")))
		return true;
	if (text_same(value, TEXT("LOG")))
		ldap_complain(m->e, m->c, COMPLAINT_NOTE,
		    "rgAction LOG: neither grants nor denies");
	else
		WRONG(m, "rgAction %.*s: not RELAY, REJECT, FORWARDER or LOG; "
		    "the entry is not used", TEXT_ARG(value));
	return false;
}

/* WRONG_ONE: whether it is on cannot be told. */
static enum answer
read_enabled(const struct making *m)
{
	struct text value;
	enum answer answer = read_single(m, "rgEnabled", &value);

	if (answer == ABSENT)
		return PRESENT;
	if (answer == WRONG_ONE || text_same(value, TEXT("TRUE")))
		return answer;
	if (text_same(value, TEXT("FALSE")))
		return ABSENT;
	WRONG(m, "rgEnabled %.*s: not TRUE or FALSE", TEXT_ARG(value));
	return WRONG_ONE;
}

/* Is the entry for this guard? */
static enum answer
read_server(const struct making *m)
{
	struct ldap_walk w = ldap_walk_of(m->e, "rgServer");
	struct text value, us[] = { m->rule->cluster, m->rule->host };
	bool any = false;
	size_t i;

	while (ldap_walk_next(&w, &value)) {
		any = true;
		if (w.options) {
			WRONG(m, "rgServer: must not have options (;...)");
			return WRONG_ONE;
		}
		for (i = 0; i < 2; i++)
			if (us[i].n > 0 && ldap_value_same(us[i], value))
				return PRESENT;
	}
	return any ? ABSENT : PRESENT;
}

static enum answer
read_expires(struct making *m)
{
	char date[POLICY_DATE_MAX];
	struct text value;
	enum answer answer = read_single(m, "rgExpires", &value);

	if (answer == WRONG_ONE)
		return WRONG_ONE;
	if (answer == ABSENT) {
		if (!ldap_has(m->e, "objectClass", TEXT("rgRoamingClient")))
			return PRESENT;
		WRONG(m, "rgExpires: missing, an rgRoamingClient must have it");
		return WRONG_ONE;
	}
	if (ldap_time(value, &m->until) && policy_write_date(m->until, date))
		return PRESENT;
	m->until = 0;
	WRONG(m, "rgExpires %.*s: not a time like 20311231235959Z",
	    TEXT_ARG(value));
	return WRONG_ONE;
}

/*
 * All that holds for the whole entry; true when it makes lines.  Where it
 * cannot be told whether or until when, it grants nothing, and denies.
 */
static bool
read_controls(struct making *m)
{
	enum answer server = read_server(m), enabled, expires;

	if (server == ABSENT || !read_action(m))
		return false;
	enabled = read_enabled(m);
	if (enabled == ABSENT)
		return false;
	expires = read_expires(m);
	return m->action == POLICY_DENY || (server == PRESENT &&
	    enabled == PRESENT && expires == PRESENT);
}

/* Append to the note what can stand in one; what does not fit is cut. */
static void
add_note(struct making *m, struct text s)
{
	size_t i = 0, n;

	while (i < s.n) {
		char c = s.at[i];

		n = text_byte(c) < 0x80 ? 1 : utf8_length(s, i);
		if (n == 0) {
			n = 1;
			c = '?';
		} else if (text_byte(c) < 0x20 || c == 0x7f) {
			c = ' ';
		} else if (c == '"') {
			c = '\'';
		}
		if (m->note_n + n > NOTE_MAX)
			break;
		m->note[m->note_n] = c;
		memcpy(m->note + m->note_n + 1, s.at + i + 1, n - 1);
		m->note_n += n;
		i += n;
	}
}

static void
read_note(struct making *m, const char *name, struct text before)
{
	struct ldap_walk w = ldap_walk_of(m->e, name);
	struct text value;

	while (ldap_walk_next(&w, &value)) {
		if (w.options)
			continue;
		if (m->note_n > 0)
			add_note(m, TEXT(", "));
		add_note(m, before);
		add_note(m, value);
	}
}

/* The entry added last, as a line. */
static bool
write_line(struct making *m, const char *name)
{
	const struct policy *view = policy_builder_view(m->builder);
	char line[POLICY_LINE_MAX];
	struct policy_entry e;
	enum policy_write_error error;

	policy_entry_at(view, policy_entries(view) - 1, &e);
	error = policy_write(&e, line);
	if (error == POLICY_WRITE_OK)
		return ldap_lines_add(m->out, text_of(line)) &&
		    ldap_lines_add(m->out, TEXT("\n"));
	WRONG(m, "%s: %s", name, policy_write_error_text(error));
	return true;
}

/* A value that has no fault of its own. */
static bool
add_value(struct making *m, enum policy_kind kind, const char *name,
    struct text value)
{
	struct policy_entry e = { .kind = kind, .action = m->action,
		.until = m->until, .note = { m->note, m->note_n } };
	struct complaints told = { 0 };
	enum policy_error error = policy_file_add(m->builder, &e, value, "",
	    &told);
	bool good = error != POLICY_NO_MEMORY;

	if (error == POLICY_OK)
		good = write_line(m, name);
	else if (error != POLICY_DUPLICATE && good && told.n > 0)
		ldap_complain_of(m->e, m->c, name, &told.at[0]);
	if (told.out_of_memory)
		m->c->out_of_memory = true;
	complaints_free(&told);
	return good;
}

/* The domain in a value, or an empty text. */
static struct text
domain_part(enum ldap_part part, struct text value)
{
	size_t at = value.n;

	while (at > 0 && value.at[at - 1] != '@')
		at--;
	if (part == LDAP_WHOLE || (part == LDAP_EITHER && at == 0))
		return value;
	return at == 0 ? TEXT("") : text_cut(value, at, value.n);
}

static bool
read_values(struct making *m, enum policy_kind kind, const char *name,
    enum ldap_part part)
{
	struct ldap_walk w = ldap_walk_of(m->e, name);
	struct text value, word;
	const char *fault;

	while (ldap_walk_next(&w, &value)) {
		word = domain_part(part, value);
		fault = ldap_value_fault(value);
		if (w.options)
			fault = "must not have options (;...)";
		else if (fault == NULL && word.n == 0)
			fault = "no domain behind an @";
		else if (fault == NULL && kind == POLICY_RELAY &&
		    m->network == POLICY_FORWARDER)
			fault = "only clients forward (rgAction FORWARDER)";
		if (fault != NULL)
			WRONG(m, "%s %.*s: %s", name, TEXT_ARG(value), fault);
		else if (!add_value(m, kind, name, word))
			return false;
	}
	return true;
}

bool
ldap_policy_lines(const struct ldap_policy_rule *rule,
    const struct ldap_entry *e, struct ldap_lines *out, struct complaints *c)
{
	struct making m = { .rule = rule, .e = e, .out = out, .c = c,
		.network = POLICY_CLIENT };
	bool good;

	if (!read_controls(&m))
		return true;
	m.builder = policy_builder_new(0);
	if (m.builder == NULL)
		return false;
	read_note(&m, "description", TEXT(""));
	read_note(&m, "owner", TEXT("owner "));
	good = read_values(&m, POLICY_RELAY, rule->domain_attribute,
	    rule->part) &&
	    read_values(&m, m.network, rule->client_attribute, LDAP_WHOLE);
	policy_builder_free(m.builder);
	return good;
}
