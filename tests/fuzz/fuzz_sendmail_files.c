/* SPDX-License-Identifier: BSD-2-Clause */
/* sendmail's files: whatever the text, nothing opens the relay to the world. */
#include <stdint.h>
#include <stdlib.h>

#include "conf/sendmail_files.h"
#include "policy/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text content = { (const char *)data, n };
	struct complaints c = { 0 };
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry e;
	struct policy *p;
	size_t i;

	sendmail_local_host_names_parse(content, "w", b, &c);
	sendmail_relay_domains_parse(content, "R", b, &c);
	sendmail_access_parse(content, "access", b, &c);
	p = policy_freeze(b);
	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.line == 0 ||
		    (policy_is_network(e.kind) && e.network.bits == 0) ||
		    (e.kind == POLICY_RELAY &&
		    domain_is_single_label(e.value)))
			abort();
	}
	policy_free(p);
	complaints_free(&c);
	return 0;
}
