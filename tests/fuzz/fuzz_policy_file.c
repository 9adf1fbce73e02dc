/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relay.policy: whatever the text, nothing opens the relay to the world, and
 * what it says can be written down again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "policy/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Is this line, as it stands, exactly this entry? */
static bool
reads_back(const char *line, const struct policy_entry *e)
{
	struct complaints c = { 0 };
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry got;
	bool good;

	policy_file_parse(text_of(line), "f", b, &c);
	good = c.n == 0 && policy_entries(policy_builder_view(b)) == 1;
	if (good) {
		policy_entry_at(policy_builder_view(b), 0, &got);
		good = got.kind == e->kind && got.span == e->span &&
		    got.action == e->action && text_equal(got.only, e->only) &&
		    got.until == e->until && text_equal(got.value, e->value) &&
		    text_equal(got.note, e->note) && memcmp(&got.network,
		    &e->network, sizeof got.network) == 0;
	}
	policy_builder_free(b);
	complaints_free(&c);
	return good;
}

/* A line of ours is longer than theirs in rare cases, so it may not fit. */
static void
check_writing(const struct policy_entry *e)
{
	char line[POLICY_LINE_MAX];
	enum policy_write_error error = policy_write(e, line);

	if (error == POLICY_WRITE_LONG && e->note.n > LINE_MAX_BYTES - 400)
		return;
	if (error != POLICY_WRITE_OK || !reads_back(line, e))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct complaints c = { 0 };
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry e;
	struct policy *p;
	size_t i;

	policy_file_parse((struct text){ (const char *)data, n }, "f", b, &c);
	p = policy_freeze(b);
	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.line == 0 ||
		    (policy_is_network(e.kind) && e.network.bits == 0) ||
		    (e.kind == POLICY_RELAY &&
		    domain_is_single_label(e.value)))
			abort();
		check_writing(&e);
	}
	policy_free(p);
	complaints_free(&c);
	return 0;
}
