/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_ldif.h"

#include <stdlib.h>

#include "conf/ldap_sendmail.h"
#include "conf/ldap_value.h"
#include "conf/ldif.h"
#include "conf/policy_file.h"
#include "milter/source/file.h"
#include "policy/records.h"

struct export {
	const struct ldap_map *map;
	bool mention;
	struct records *records;
	uint32_t *number; /* of the records, ascending */
	bool *used;       /* is there an entry of it, or a word about it? */
	size_t n, cap;
	struct complaints *c;
};

static bool
reserve(struct export *r)
{
	size_t cap = r->cap == 0 ? 64 : r->cap * 2;
	void *p;

	if (r->n < r->cap)
		return true;
	if ((p = realloc(r->number, cap * sizeof *r->number)) == NULL)
		return false;
	r->number = p;
	if ((p = realloc(r->used, cap * sizeof *r->used)) == NULL)
		return false;
	r->used = p;
	r->cap = cap;
	return true;
}

/* Why nothing came of an entry without a mistake, or NULL: it is no policy. */
static const char *
reason(const struct ldap_map *map, const struct ldap_entry *e)
{
	struct ldap_walk server = ldap_walk_of(e, "rgServer");
	struct text value;

	if (ldap_map_is_sendmail(map))
		return ldap_has(e, "objectClass", TEXT("sendmailMTAClass")) ||
		    ldap_has(e, "objectClass", TEXT("sendmailMTAMapObject")) ?
		    "another cluster or host, class or map, or no value" :
		    NULL;
	if (ldap_has(e, "rgEnabled", TEXT("FALSE")))
		return "switched off (rgEnabled FALSE)";
	return ldap_walk_next(&server, &value) ?
	    "for another server (rgServer)" : NULL;
}

/* Keep the lines of one entry as a record; false when out of memory. */
static bool
take(void *with, const struct ldap_entry *e, unsigned line)
{
	static const unsigned char no_uuid[RECORD_UUID];
	struct export *r = with;
	struct ldap_lines lines = { 0 };
	size_t told = r->c->n;
	const char *why;
	bool good = reserve(r) && ldap_map_lines(r->map, e, &lines, r->c);

	(void)line;
	if (good && lines.n > 0) {
		r->used[r->n] = false;
		r->number[r->n] = records_add(r->records, no_uuid, e->dn,
		    (struct text){ lines.at, lines.n });
		good = r->number[r->n++] != 0;
	} else if (good && r->mention && r->c->n == told &&
	    (why = reason(r->map, e)) != NULL) {
		ldap_complain(e, r->c, COMPLAINT_NOTE, "not used: %s", why);
	}
	ldap_lines_free(&lines);
	if (!good)
		r->c->out_of_memory = true;
	return good;
}

/* Lines of relay.policy, record by record. */
static void
add_lines(const struct export *r, unsigned source, struct policy_builder *b)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		policy_file_record(records_lines(r->records, r->number[i]),
		    "", source, r->number[i], b, r->c);
}

/* Lines of sendmail's data, all together. */
static void
add_sendmail(const struct export *r, struct ldap_sendmail_sources to,
    struct policy_builder *b)
{
	struct ldap_sendmail_record *record = calloc(r->n + 1, sizeof *record);
	size_t i;

	if (record == NULL) {
		r->c->out_of_memory = true;
		return;
	}
	for (i = 0; i < r->n; i++)
		record[i] = (struct ldap_sendmail_record){ r->number[i],
			records_dn(r->records, r->number[i]),
			records_lines(r->records, r->number[i]) };
	ldap_sendmail_add(record, r->n, to, b, r->c);
	free(record);
}

/* Which records have entries in b, from the first one on? */
static void
find_used(const struct export *r, struct policy_builder *b, size_t first)
{
	const struct policy *p = policy_builder_view(b);
	struct policy_entry e;
	size_t i, low, high, middle;

	for (i = first; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		for (low = 0, high = r->n; low + 1 < high;) {
			middle = low + (high - low) / 2;
			if (r->number[middle] <= e.line)
				low = middle;
			else
				high = middle;
		}
		r->used[low] = true;
	}
}

/* The DNs that a complaint from the first one on is about; NULL: no memory. */
static struct access_map *
complained(const struct complaints *c, size_t first)
{
	struct access_map *dns = access_map_new(0);
	size_t i;

	for (i = first; dns != NULL && i < c->n; i++)
		if (!access_map_add(dns, text_of(c->at[i].file), TEXT(""))) {
			access_map_free(dns);
			return NULL;
		}
	return dns;
}

/* Has this DN been complained about? */
static bool
is_among(const struct access_map *dns, struct text dn)
{
	char lower[LDAP_VALUE_MAX];
	struct text ignored;
	size_t i;

	for (i = 0; i < dn.n && i < sizeof lower; i++)
		lower[i] = text_lower(dn.at[i]);
	return access_map_find(dns, (struct text){ lower, i }, &ignored);
}

/* Of what has made no entry of b, and of which nothing has been said yet. */
static void
mention_rest(const struct export *r, struct policy_builder *b, size_t entries,
    size_t complaints)
{
	struct access_map *dns = complained(r->c, complaints);
	struct ldap_entry e = { .n = 0 };
	size_t i;

	if (dns == NULL) {
		r->c->out_of_memory = true;
		return;
	}
	find_used(r, b, entries);
	for (i = 0; i < r->n; i++) {
		e.dn = records_dn(r->records, r->number[i]);
		if (!r->used[i] && !is_among(dns, e.dn))
			ldap_complain(&e, r->c, COMPLAINT_NOTE, "neither "
			    "grants relaying nor takes it back");
	}
	access_map_free(dns);
}

/* Register the file as a directory twice and add all records. */
static void
add_records(const struct export *r, const char *name,
    struct policy_builder *b)
{
	struct ldap_sendmail_sources to;
	enum policy_error error = policy_directory(b, text_of(name),
	    r->records, &to.classes);

	if (error == POLICY_OK)
		error = policy_directory(b, text_of(name), r->records,
		    &to.access);
	if (error != POLICY_OK)
		complaint_add(r->c, COMPLAINT_ERROR, name, 0, "%s",
		    policy_error_text(error));
	else if (ldap_map_is_sendmail(r->map))
		add_sendmail(r, to, b);
	else
		add_lines(r, to.classes, b);
}

void
policy_ldif_add_text(struct text content, const char *name,
    const struct ldap_map *map, bool mention, struct policy_builder *b,
    struct complaints *c)
{
	struct export r = { .map = map, .mention = mention, .c = c,
		.records = records_new() };
	size_t complaints = c->n,
	    entries = policy_entries(policy_builder_view(b));

	if (r.records == NULL)
		c->out_of_memory = true;
	else if (ldif_read(content, name, take, &r, c))
		add_records(&r, name, b);
	if (mention && !c->out_of_memory)
		mention_rest(&r, b, entries, complaints);
	records_free(r.records);
	free(r.number);
	free(r.used);
}

void
policy_ldif_add(const char *path, const struct ldap_map *map, bool mention,
    struct policy_builder *b, struct complaints *c)
{
	struct bytes content;

	if (!file_read(path, &content, c))
		return;
	policy_ldif_add_text((struct text){ content.at, content.n }, path, map,
	    mention, b, c);
	free(content.at);
}
