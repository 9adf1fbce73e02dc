/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_snapshot.h"

#include <stdlib.h>

#include "conf/ldap_sendmail.h"
#include "conf/lines.h"
#include "conf/policy_file.h"
#include "milter/source/file.h"

/* More values on top of the base, or taken out of it, than that: a new base. */
#define CHANGES_MAX 1000

/* A line of a record. */
struct change {
	struct records *records; /* of the base: held there */
	uint32_t record;
	struct text line;
};

struct changes {
	struct change at[CHANGES_MAX];
	size_t n;
};

struct ldap_snapshot {
	const char *name;
	uint64_t seed;
	bool sendmail;
	struct policy *base;
	bool whole;          /* nothing but the base so far */
	struct changes top;  /* lines on top of the base */
	struct changes gone; /* lines that have gone since it was asked last */
	struct changes came; /* and that have come, on top by now or gone again */
	size_t out[CHANGES_MAX]; /* entries taken out of the base */
	size_t outs;
};

struct ldap_snapshot *
ldap_snapshot_new(const char *name, uint64_t seed, bool sendmail)
{
	struct ldap_snapshot *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->name = name;
	s->seed = seed;
	s->sendmail = sendmail;
	return s;
}

void
ldap_snapshot_free(struct ldap_snapshot *s)
{
	if (s == NULL)
		return;
	policy_free(s->base);
	free(s);
}

/* ------------------------------------------------------------------- base */

/* Our source in a new builder. */
static struct policy_builder *
builder_of(const struct ldap_snapshot *s, struct records *r, unsigned *source,
    struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(s->seed);

	if (b != NULL && policy_directory(b, text_of(s->name), r, source) ==
	    POLICY_OK)
		return b;
	policy_builder_free(b);
	c->out_of_memory = true;
	return NULL;
}

static void
add_record(struct policy_builder *b, const struct records *r, uint32_t number,
    struct text lines, unsigned source, struct complaints *c)
{
	char dn[256];
	struct text full = records_dn(r, number);
	size_t n = full.n < sizeof dn ? full.n : sizeof dn - 1;

	if (n > 0)
		memcpy(dn, full.at, n);
	dn[n] = '\0';
	policy_file_record(lines, dn, source, number, b, c);
}

static struct policy_builder *
build_native(const struct ldap_snapshot *s, const struct told *t,
    struct complaints *c)
{
	struct records *r = told_records(t);
	struct policy_builder *b;
	size_t cursor = 0;
	unsigned source;
	uint32_t number;

	b = builder_of(s, r, &source, c);
	while (b != NULL && (number = told_next(t, &cursor)) != 0)
		add_record(b, r, number, records_lines(r, number), source, c);
	return b;
}

/* All records, to be freed; NULL: no memory. */
static struct ldap_sendmail_record *
list_records(const struct told *t, size_t *n)
{
	struct ldap_sendmail_record *all = calloc(told_count(t) + 1,
	    sizeof *all);
	const struct records *r = told_records(t);
	size_t cursor = 0;
	uint32_t number;

	*n = 0;
	while (all != NULL && (number = told_next(t, &cursor)) != 0)
		all[(*n)++] = (struct ldap_sendmail_record){ number,
			records_dn(r, number), records_lines(r, number) };
	return all;
}

static struct policy_builder *
build_sendmail(const struct ldap_snapshot *s, const struct told *t,
    struct complaints *c)
{
	struct ldap_sendmail_sources to;
	size_t n;
	struct ldap_sendmail_record *all = list_records(t, &n);
	struct policy_builder *b;

	b = builder_of(s, told_records(t), &to.classes, c);
	if (all == NULL || b == NULL || policy_directory(b,
	    text_of(s->name), told_records(t), &to.access) != POLICY_OK ||
	    !ldap_sendmail_add(all, n, to, b, c)) {
		c->out_of_memory = true;
		policy_builder_free(b);
		b = NULL;
	}
	free(all);
	return b;
}

bool
ldap_snapshot_all(struct ldap_snapshot *s, const struct told *t,
    struct complaints *c)
{
	struct policy_builder *b = s->sendmail ? build_sendmail(s, t, c) :
	    build_native(s, t, c);
	struct policy *base = b != NULL ? file_freeze(b, c) : NULL;

	if (base == NULL)
		return false;
	policy_free(s->base);
	s->base = base;
	s->whole = true;
	s->top.n = s->gone.n = s->came.n = s->outs = 0;
	return true;
}

/* ---------------------------------------------------------------- changes */

static bool
append(struct changes *c, struct records *r, uint32_t record,
    struct text line)
{
	if (c->n == CHANGES_MAX)
		return false;
	c->at[c->n++] = (struct change){ r, record, line };
	return true;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);

	return order != 0 ? order : x->n < y->n ? -1 : x->n > y->n;
}

/* The lines of a record in order, to be freed; NULL: no memory. */
static struct text *
lines_sorted(const struct records *r, uint32_t record, size_t *n)
{
	struct text all = { NULL, 0 }, line, *at;
	struct lines walk;
	size_t cap = 1;

	*n = 0;
	if (record != 0)
		all = records_lines(r, record);
	for (walk = lines_of(all); lines_next(&walk, &line);)
		cap++;
	at = malloc(cap * sizeof *at);
	if (at == NULL)
		return NULL;
	for (walk = lines_of(all); lines_next(&walk, &line);)
		at[(*n)++] = line;
	qsort(at, *n, sizeof *at, compare_lines);
	return at;
}

/* An entry under another name is another one. */
static bool
same_dn(const struct records *r, uint32_t from, uint32_t to)
{
	return from == 0 || to == 0 ||
	    text_equal(records_dn(r, from), records_dn(r, to));
}

/* What is in the one list only is gone, what is in the other only is new. */
static bool
compare_all(struct ldap_snapshot *s, struct records *r, uint32_t from,
    uint32_t to, const struct text *old, size_t olds, const struct text *new,
    size_t news)
{
	bool same = same_dn(r, from, to), good = true;
	size_t i = 0, j = 0;
	int order;

	while (good && (i < olds || j < news)) {
		order = i == olds ? 1 : j == news ? -1 :
		    compare_lines(&old[i], &new[j]);
		if (order == 0 && same) {
			i++, j++;
			continue;
		}
		if (order <= 0)
			good = append(&s->gone, r, from, old[i++]);
		else
			good = append(&s->came, r, to, new[j]) &&
			    append(&s->top, r, to, new[j++]);
	}
	return good;
}

/* Is this line on top of the base?  Then not any more. */
static bool
drop_from_top(struct ldap_snapshot *s, size_t n, const struct change *gone)
{
	struct change *c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = &s->top.at[i];
		if (!text_equal(c->line, gone->line) ||
		    memcmp(records_uuid(c->records, c->record),
		    records_uuid(gone->records, gone->record),
		    RECORD_UUID) != 0)
			continue;
		memmove(c, c + 1, (s->top.n - i - 1) * sizeof *c);
		s->top.n--;
		return true;
	}
	return false;
}

/* Is a line of the policy of the same entry of the directory? */
static bool
is_same_entry(void *with, unsigned line)
{
	const struct change *c = with;

	return memcmp(records_uuid(c->records, line),
	    records_uuid(c->records, c->record), RECORD_UUID) == 0;
}

/* Find what a line has made of the base, in all spellings. */
static bool
take_out(struct ldap_snapshot *s, struct change *gone)
{
	struct complaints c = { 0 };
	struct policy_entry e;
	unsigned source;
	struct policy_builder *b = builder_of(s, gone->records, &source, &c);
	struct policy *p = NULL;
	size_t i, at;
	bool good;

	if (b != NULL) {
		add_record(b, gone->records, gone->record, gone->line, source,
		    &c);
		p = file_freeze(b, &c);
	}
	good = p != NULL;
	for (i = 0; good && i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		at = policy_index(s->base, &e, INT64_MIN, is_same_entry,
		    gone);
		good = at < policy_entries(s->base) && s->outs < CHANGES_MAX;
		if (good)
			s->out[s->outs++] = at;
	}
	policy_free(p);
	complaints_free(&c);
	return good;
}

bool
ldap_snapshot_change(struct ldap_snapshot *s, struct records *r,
    uint32_t from, uint32_t to)
{
	size_t olds, news, top = s->top.n, i = s->gone.n;
	struct text *old, *new;
	bool good;

	if (s->sendmail || s->base == NULL)
		return false;
	s->whole = false;
	old = lines_sorted(r, from, &olds);
	new = lines_sorted(r, to, &news);
	good = old != NULL && new != NULL &&
	    compare_all(s, r, from, to, old, olds, new, news);
	free(old);
	free(new);
	for (; good && i < s->gone.n; i++) {
		if (drop_from_top(s, top, &s->gone.at[i]))
			top--;
		else
			good = take_out(s, &s->gone.at[i]);
	}
	return good;
}

/* ----------------------------------------------------------------- policy */

static void
add_changes(struct policy_builder *b, unsigned source,
    const struct changes *changes, struct complaints *c)
{
	const struct change *at;

	for (at = changes->at; b != NULL && at < changes->at + changes->n; at++)
		add_record(b, at->records, at->record, at->line, source, c);
}

/* These lines as a policy; there is at least one. */
static struct policy *
freeze_changes(const struct ldap_snapshot *s, const struct changes *one,
    const struct changes *other, struct complaints *c)
{
	struct records *r = one->n > 0 ? one->at[0].records :
	    other->at[0].records;
	unsigned source;
	struct policy_builder *b = builder_of(s, r, &source, c);

	add_changes(b, source, one, c);
	add_changes(b, source, other, c);
	return b != NULL ? file_freeze(b, c) : NULL;
}

static struct policy *
with_top(const struct ldap_snapshot *s, struct complaints *c)
{
	static const struct changes none = { .n = 0 };
	const struct policy *part[2] = { s->base, NULL };
	struct policy *top = NULL, *p = NULL;
	size_t i;

	if (s->top.n > 0) {
		part[1] = top = freeze_changes(s, &s->top, &none, c);
		if (top == NULL)
			return NULL;
	}
	p = policy_join(part, top != NULL ? 2 : 1);
	for (i = 0; p != NULL && i < s->outs; i++)
		if (!policy_take_out(p, s->out[i])) {
			policy_free(p);
			p = NULL;
		}
	policy_free(top);
	if (p == NULL)
		c->out_of_memory = true;
	return p;
}

struct policy *
ldap_snapshot_policy(struct ldap_snapshot *s, struct policy **touched,
    struct complaints *c)
{
	struct complaints unsaid = { 0 };
	struct policy *p = with_top(s, c);

	*touched = NULL;
	if (p == NULL)
		return NULL;
	if (!s->whole && s->gone.n + s->came.n > 0)
		*touched = freeze_changes(s, &s->gone, &s->came, &unsaid);
	complaints_free(&unsaid);
	s->gone.n = s->came.n = 0;
	return p;
}
