/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a directory can hold, as LDIF: whatever it is, its lines are policy,
 * nothing opens the relay to the world, and what our schema can say comes back
 * from it as it was.
 */
#include "conf/ldap_map.h"
#include "conf/ldap_sendmail.h"
#include "conf/ldap_value.h"
#include "conf/ldif.h"
#include "conf/policy_file.h"
#include "policy/domain.h"
#include "tests/fuzz/exact.h"

#define MAPS 5
#define RECORDS_MAX 64
#define ATTRIBUTES_MAX 32
#define VALUES_MAX 64

struct world {
	const struct ldap_map *map[MAPS];
	struct ldap_lines lines[RECORDS_MAX]; /* of sendmail's map */
	struct ldap_sendmail_record record[RECORDS_MAX];
	size_t n;
	struct complaints complaints;
};

static struct policy *
policy_of(struct policy_builder *b)
{
	struct policy *p = policy_freeze(b);
	struct policy_entry e;
	size_t i;

	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.line == 0 ||
		    (policy_is_network(e.kind) && e.network.bits == 0) ||
		    (e.kind == POLICY_RELAY &&
		    domain_is_single_label(e.value)))
			abort();
	}
	return p;
}

/* The policy of lines of relay.policy(5), which have no mistake. */
static struct policy *
policy_of_lines(const struct ldap_lines *l)
{
	struct complaints c = { 0 };
	struct policy_builder *b = policy_builder_new(1);

	policy_file_parse((struct text){ l->at, l->n }, "p", b, &c);
	if (c.n > 0)
		abort();
	return policy_of(b);
}

/* The one entry that was written, through the map of our own schema. */
struct one {
	const struct ldap_map *map;
	struct ldap_lines lines;
};

static bool
take_one(void *with, const struct ldap_entry *e, unsigned line)
{
	struct complaints c = { 0 };
	struct one *one = with;

	(void)line;
	if (!ldap_map_lines(one->map, e, &one->lines, &c) || c.n > 0)
		abort();
	return true;
}

/* Through LDIF and back into a line: the same? */
static void
check_way_back(struct world *w, const struct policy_entry *e)
{
	struct one one = { .map = w->map[0] };
	struct ldap_lines ldif = { 0 };
	struct complaints c = { 0 };
	struct policy_entry got;
	struct policy *p;
	const char *why;

	if (!ldif_policy(&ldif, e, "dc=x", &why))
		abort();
	if (why == NULL) {
		if (!ldif_read((struct text){ ldif.at, ldif.n }, "l", take_one,
		    &one, &c) || c.n > 0)
			abort();
		p = policy_of_lines(&one.lines);
		if (policy_entries(p) != 1)
			abort();
		policy_entry_at(p, 0, &got);
		if (got.kind != e->kind || got.action != e->action ||
		    got.span != e->span || got.until != e->until ||
		    !text_equal(got.value, e->value) ||
		    !text_equal(got.note, e->note) ||
		    memcmp(&got.network, &e->network, sizeof e->network) != 0)
			abort();
		policy_free(p);
	}
	ldap_lines_free(&one.lines);
	ldap_lines_free(&ldif);
}

static void
check_lines(struct world *w, const struct ldap_lines *l)
{
	struct policy_entry e;
	struct policy *p;
	size_t i;

	if (l->n == 0)
		return;
	p = policy_of_lines(l);
	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		check_way_back(w, &e);
	}
	policy_free(p);
}

static void
use_entry(struct world *w, const struct ldap_entry *e)
{
	struct ldap_lines lines, *kept = &w->lines[w->n];
	struct complaints c;
	int64_t when;
	size_t i;

	for (i = 0; i + 1 < MAPS; i++) {
		lines = (struct ldap_lines){ 0 };
		c = (struct complaints){ 0 };
		if (!ldap_map_lines(w->map[i], e, &lines, &c))
			abort();
		check_lines(w, &lines);
		ldap_lines_free(&lines);
		complaints_free(&c);
	}
	for (i = 0; i < e->n; i++)
		ldap_time(e->attribute[i].value[0], &when);
	if (w->n == RECORDS_MAX)
		return;
	if (!ldap_map_lines(w->map[MAPS - 1], e, kept, &w->complaints))
		abort();
	w->record[w->n] = (struct ldap_sendmail_record){ (uint32_t)w->n + 1,
		TEXT("cn=e"), { kept->at, kept->n } };
	w->n++;
}

/* The entry with each text in memory of exactly its size. */
static bool
take(void *with, const struct ldap_entry *e, unsigned line)
{
	struct ldap_attribute attribute[ATTRIBUTES_MAX];
	struct text value[VALUES_MAX];
	struct ldap_entry copy = { .attribute = attribute };
	size_t i, k, n = 0;

	(void)line;
	copy.dn = exact_copy(e->dn.at, e->dn.n);
	for (i = 0; i < e->n && i < ATTRIBUTES_MAX; i++) {
		const struct ldap_attribute *a = &e->attribute[i];

		if (a->n == 0)
			abort();
		if (n + a->n > VALUES_MAX)
			break;
		attribute[i] = (struct ldap_attribute){
			exact_copy(a->name.at, a->name.n), value + n, a->n };
		for (k = 0; k < a->n; k++)
			value[n++] = exact_copy(a->value[k].at, a->value[k].n);
		copy.n = i + 1;
	}
	use_entry(with, &copy);
	for (i = 0; i < copy.n; i++)
		exact_free(attribute[i].name);
	for (i = 0; i < n; i++)
		exact_free(value[i]);
	exact_free(copy.dn);
	return true;
}

/* The maps, made once: nothing in them changes. */
static void
take_maps(struct world *w)
{
	static const struct ldap_map_options options[MAPS] = {
		{ .name = "relayguard", .cluster = "farm" },
		{ .name = "associatedDomain" },
		{ .name = "mailLocalAddress" },
		{ .name = "custom", .domain_attribute = "vd",
		    .client_attribute = "net" },
		{ .name = "sendmail", .cluster = "farm", .host = "mx.example" },
	};
	static struct ldap_map *map[MAPS];
	struct complaints c = { 0 };
	size_t i;

	for (i = 0; i < MAPS; i++) {
		if (map[i] == NULL)
			map[i] = ldap_map_new(&options[i], &c);
		if (map[i] == NULL)
			abort();
		w->map[i] = map[i];
	}
}

/* What all entries say in sendmail's schema. */
static void
join(struct world *w)
{
	struct policy_builder *b = policy_builder_new(1);
	size_t errors = w->complaints.errors;
	struct ldap_sendmail_sources to;

	if (policy_source(b, TEXT("c"), &to.classes) != POLICY_OK ||
	    policy_source(b, TEXT("a"), &to.access) != POLICY_OK ||
	    !ldap_sendmail_add(w->record, w->n, to, b, &w->complaints) ||
	    w->complaints.errors != errors)
		abort();
	policy_free(policy_of(b));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text content = exact_copy(data, n);
	static struct world w;
	size_t i;

	w.n = 0;
	take_maps(&w);
	if (!ldif_read(content, "l", take, &w, &w.complaints))
		abort();
	if (w.n > 0)
		join(&w);
	for (i = 0; i < w.n; i++)
		ldap_lines_free(&w.lines[i]);
	complaints_free(&w.complaints);
	exact_free(content);
	return 0;
}
