/* SPDX-License-Identifier: BSD-2-Clause */
/* relay.policy: whatever the text, nothing opens the relay to the world. */
#include <stdint.h>
#include <stdlib.h>

#include "conf/policy_file.h"
#include "policy/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

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
		if (e.action != POLICY_GRANT || e.line == 0 ||
		    (e.kind == POLICY_CLIENT && e.network.bits == 0) ||
		    (e.kind == POLICY_RELAY &&
		    domain_is_single_label(e.value)))
			abort();
	}
	policy_free(p);
	complaints_free(&c);
	return 0;
}
