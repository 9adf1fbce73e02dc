/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmail's files as relay.policy: whatever the text, the new file can be
 * read and decides the same.  The first line is relay-domains, the rest the
 * access file.
 */
#include <stdio.h>

#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "conf/sendmail_files.h"
#include "milter/source/policy_plain.h"
#include "policy/domain.h"
#include "tests/fuzz/exact.h"

static bool
take(const struct plain_entry *entry, void *with)
{
	char line[POLICY_LINE_MAX];

	if (policy_write(&entry->e, line) != POLICY_WRITE_OK)
		abort();
	fprintf(with, "%s\n", line);
	return true;
}

static struct policy *
read_back(struct text content)
{
	struct policy_builder *b = policy_builder_new(2);
	struct complaints c = { 0 };

	policy_file_parse(content, "new", b, &c);
	if (c.n > 0)
		abort();
	return policy_freeze(b);
}

static bool
grants_name(const struct policy *p, enum policy_kind kind, struct text name)
{
	struct policy_entry e;

	return policy_find_domain(p, kind, name, 0, &e) &&
	    e.action == POLICY_GRANT;
}

static bool
grants_client(const struct policy *p, const struct ip *ip)
{
	struct policy_entry e;

	return policy_find_client(p, ip, 0, &e) && e.action == POLICY_GRANT;
}

static void
ask(const struct policy *old, const struct policy *new,
    const struct policy_entry *e)
{
	char name[DOMAIN_MAX + 2] = "x.";
	struct ip last = e->network.base;
	unsigned i;

	if (e->kind == POLICY_CLIENT) {
		for (i = e->network.bits; i < ip_width(last.family); i++)
			last.byte[i / 8] |= (uint8_t)(0x80u >> i % 8);
		if (grants_client(old, &last) != grants_client(new, &last) ||
		    grants_client(old, &e->network.base) !=
		    grants_client(new, &e->network.base))
			abort();
		return;
	}
	memcpy(name + 2, e->value.at, e->value.n);
	for (i = 0; i <= 2; i += 2) {
		struct text t = { name + i, e->value.n + 2 - i };

		if (grants_name(new, e->kind, t) !=
		    grants_name(old, e->kind, t))
			abort();
	}
}

static void
ask_all(const struct policy *old, const struct policy *new,
    const struct policy *about)
{
	struct policy_entry e;
	size_t i;

	for (i = 0; i < policy_entries(about); i++) {
		policy_entry_at(about, i, &e);
		ask(old, new, &e);
	}
}

/* What p says, in lines of relay.policy; the stream is opened once. */
static struct text
write_plain(const struct policy *p, struct complaints *c)
{
	static char *content;
	static size_t size;
	static FILE *f;

	if (f == NULL)
		f = open_memstream(&content, &size);
	if (f == NULL)
		abort();
	rewind(f);
	if (!policy_plain(p, policy_entries(p), c, take, f) || fflush(f) != 0)
		abort();
	return exact_copy(content, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text content, all = { (const char *)data, n };
	size_t first = text_find(all, '\n');
	struct policy_builder *b = policy_builder_new(1);
	struct complaints c = { 0 };
	struct policy *old, *new;

	sendmail_relay_domains_parse(text_cut(all, 0, first), "R", b, &c);
	sendmail_access_parse(text_cut(all, first, n), "access", b, &c);
	old = policy_freeze(b);
	content = write_plain(old, &c);
	new = read_back(content);
	exact_free(content);
	ask_all(old, new, old);
	ask_all(old, new, new);
	policy_free(old);
	policy_free(new);
	complaints_free(&c);
	return 0;
}
