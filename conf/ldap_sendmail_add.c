/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all entries say together: three texts as sendmail's own files have
 * them, read by the parsers of those into a builder of its own, from which the
 * entries go on under the numbers of their records.
 */
#include "conf/ldap_sendmail.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/ldap_value.h"
#include "conf/lines.h"
#include "conf/sendmail_files.h"
#include "policy/escape.h"

enum kind { CLASS_W, CLASS_R, ACCESS };
#define KINDS 3

/* One of the texts. */
struct part {
	struct ldap_lines text;
	size_t *record; /* where each line comes from, the first is line 1 */
	size_t n, cap;
};

struct joiner {
	const struct ldap_sendmail_record *record;
	size_t n;
	struct part part[KINDS];
	struct access_map *first; /* name -> the record that has it */
	struct access_map *twice; /* names that others have too */
	struct access_map *map;   /* the access map that comes of it */
	struct complaints *c;
};

/* One line of a record, taken apart. */
struct line {
	enum kind kind;
	struct text key; /* the word of a class, the key of the access map */
	struct text value; /* access: behind the tab */
};

static struct line
split_line(struct text s)
{
	struct line line = { .kind = CLASS_R };
	size_t tab;

	if (text_begins(s, TEXT("class "))) {
		line.kind = text_begins(s, TEXT("class w ")) ? CLASS_W :
		    CLASS_R;
		line.key = text_cut(s, 8, s.n);
		return line;
	}
	line.kind = ACCESS;
	s = text_cut(s, 7, s.n);
	tab = text_find(s, '\t');
	line.key = text_cut(s, 0, tab);
	line.value = text_cut(s, tab < s.n ? tab + 1 : tab, s.n);
	return line;
}

/* Call take for each line of each record; false when it returned that. */
static bool
each_line(struct joiner *j, bool (*take)(struct joiner *j, size_t record,
    const struct line *line))
{
	struct lines lines;
	struct text s;
	size_t i;

	for (i = 0; i < j->n; i++) {
		lines = (struct lines){ j->record[i].lines, 0 };
		while (lines_next(&lines, &s)) {
			struct line line = split_line(s);

			if (!take(j, i, &line))
				return false;
		}
	}
	return true;
}

/* How a line is known in first and twice. */
#define NAME_MAX (LDAP_VALUE_MAX + 2)

/*
 * The key in lower case into out[NAME_MAX]; a word of a class behind a blank,
 * which no key has, and the letter of the class.
 */
static struct text
name_of(const struct line *line, char *out)
{
	size_t i, n = 0;

	if (line->kind != ACCESS) {
		out[n++] = line->kind == CLASS_R ? 'r' : 'w';
		out[n++] = ' ';
	}
	for (i = 0; i < line->key.n; i++)
		out[n++] = text_lower(line->key.at[i]);
	return (struct text){ out, n };
}

/* Which record has this first, and do others have it too? */
static bool
count_line(struct joiner *j, size_t record, const struct line *line)
{
	char out[NAME_MAX];
	struct text name = name_of(line, out), value;

	if (!access_map_find(j->first, name, &value))
		return access_map_add(j->first, name,
		    (struct text){ (const char *)&record, sizeof record });
	if (memcmp(value.at, &record, sizeof record) == 0)
		return true;
	return access_map_add(j->twice, name, TEXT(""));
}

/*
 * Does the line count?  Of the access map none whose key several records have,
 * of a class the first of equal ones.
 */
static bool
is_used(const struct joiner *j, size_t record, const struct line *line)
{
	char out[NAME_MAX];
	struct text name = name_of(line, out), value = { NULL, 0 };

	if (!access_map_find(j->twice, name, &value))
		return true;
	return line->kind != ACCESS &&
	    access_map_find(j->first, name, &value) &&
	    memcmp(value.at, &record, sizeof record) == 0;
}

/* The text's next line, of this record; false when out of memory. */
static bool
part_begin(struct part *p, size_t record)
{
	size_t *at, cap = p->cap == 0 ? 64 : p->cap * 2;

	if (p->n == p->cap) {
		at = realloc(p->record, cap * sizeof *at);
		if (at == NULL)
			return false;
		p->record = at;
		p->cap = cap;
	}
	p->record[p->n++] = record;
	return true;
}

static void
complain_twice(const struct joiner *j, size_t record, const struct line *line)
{
	const struct ldap_entry e = { .dn = j->record[record].dn };

	ldap_complain(&e, j->c, COMPLAINT_NOTE, "%.*s: another entry has this "
	    "key too, so sendmail finds none", TEXT_ARG(line->key));
}

static bool
add_line(struct joiner *j, size_t record, const struct line *line)
{
	struct part *p = &j->part[line->kind];

	if (!is_used(j, record, line)) {
		if (line->kind == ACCESS)
			complain_twice(j, record, line);
		return true;
	}
	if (line->kind == ACCESS && line->value.n > 0 &&
	    !access_map_add(j->map, line->key, line->value))
		return false;
	return part_begin(p, record) &&
	    ldap_lines_add(&p->text, line->key) &&
	    ldap_lines_add(&p->text, TEXT("\t")) &&
	    ldap_lines_add(&p->text, line->value) &&
	    ldap_lines_add(&p->text, TEXT("\n"));
}

/* The parser skips a byte order mark; so that it is none, a line before. */
static bool
begin_parts(struct joiner *j)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (!part_begin(&j->part[i], 0) ||
		    !ldap_lines_add(&j->part[i].text, TEXT("#\n")))
			return false;
	return true;
}

/* The record that a line of this text comes from; NULL: none. */
static const struct ldap_sendmail_record *
record_of(const struct joiner *j, const struct part *p, unsigned line)
{
	return line > 1 && line <= p->n ? &j->record[p->record[line - 1]] :
	    NULL;
}

/*
 * A complaint about a line, as one about its record.  What it says of other
 * lines would lead nowhere: "line 7 decides this key".
 */
static void
pass_on(const struct joiner *j, const struct part *p,
    const struct complaint *said)
{
	const struct ldap_sendmail_record *record = record_of(j, p, said->line);
	const struct ldap_entry e = { .dn = record != NULL ? record->dn :
	    TEXT("") };
	char *at = strstr(said->text, "line "), *end = at;
	char text[1024];
	size_t n;

	if (at != NULL && at[5] >= '0' && at[5] <= '9')
		for (end = at + 5; *end >= '0' && *end <= '9'; end++)
			;
	else
		at = end = said->text;
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - said->text),
	    said->text, end > at ? "another entry" : "", end);
	n = unescape_text(text_of(text), text);
	ldap_complain(&e, j->c, said->level, "%.*s", (int)n, text);
}

/*
 * Have one text parsed, and pass on what is said.  The parsers go on when an
 * entry cannot be added; without memory we do not, so that nothing is missing.
 */
static bool
parse_part(const struct joiner *j, enum kind kind, struct policy_builder *b)
{
	static void (*const parse[KINDS])(struct text content,
	    const char *name, struct policy_builder *b,
	    struct complaints *c) = { sendmail_local_host_names_parse,
		sendmail_relay_domains_parse, sendmail_access_parse };
	const struct part *p = &j->part[kind];
	struct complaints said = { 0 };
	bool good;
	size_t i;

	parse[kind]((struct text){ p->text.at, p->text.n }, "", b, &said);
	good = !ldap_lacked_memory(&said);
	for (i = 0; i < said.n && good; i++)
		pass_on(j, p, &said.at[i]);
	complaints_free(&said);
	return good;
}

/* Hand an entry of one of the texts on, as that of its record. */
static enum policy_error
copy_entry(const struct joiner *j, enum kind kind, struct policy_entry e,
    struct ldap_sendmail_sources to, struct policy_builder *b)
{
	e.line = record_of(j, &j->part[kind], e.line)->number;
	e.source = kind == ACCESS ? to.access : to.classes;
	return policy_add(b, &e, NULL);
}

/* The policy that the texts make. */
static enum policy_error
add_parts(struct joiner *j, struct ldap_sendmail_sources to,
    struct policy_builder *scratch, struct policy_builder *b)
{
	const struct policy *view = policy_builder_view(scratch);
	enum policy_error error = POLICY_OK;
	struct policy_entry e;
	size_t kind, i = 0;

	for (kind = 0; kind < KINDS; kind++) {
		if (!parse_part(j, (enum kind)kind, scratch))
			return POLICY_NO_MEMORY;
		for (; i < policy_entries(view) && error == POLICY_OK; i++) {
			policy_entry_at(view, i, &e);
			error = copy_entry(j, (enum kind)kind, e, to, b);
		}
	}
	if (error == POLICY_OK) {
		policy_keep_access(b, j->map, to.access);
		j->map = NULL;
	}
	return error;
}

static void
joiner_release(struct joiner *j)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		ldap_lines_free(&j->part[i].text);
		free(j->part[i].record);
	}
	access_map_free(j->first);
	access_map_free(j->twice);
	access_map_free(j->map);
}

bool
ldap_sendmail_add(const struct ldap_sendmail_record *record, size_t n,
    struct ldap_sendmail_sources to, struct policy_builder *b,
    struct complaints *c)
{
	uint64_t seed = policy_seed(b);
	struct joiner j = { .record = record, .n = n, .c = c,
		.first = access_map_new(seed), .twice = access_map_new(seed),
		.map = access_map_new(seed) };
	struct policy_builder *scratch = policy_builder_new(seed);
	enum policy_error error = POLICY_NO_MEMORY;

	if (scratch != NULL && j.first != NULL && j.twice != NULL &&
	    j.map != NULL && begin_parts(&j) && each_line(&j, count_line) &&
	    each_line(&j, add_line))
		error = add_parts(&j, to, scratch, b);
	if (error != POLICY_OK)
		complaint_add(c, COMPLAINT_ERROR, "ldap_map", 0, "%s",
		    policy_error_text(error));
	policy_builder_free(scratch);
	joiner_release(&j);
	return error == POLICY_OK && !c->out_of_memory;
}
