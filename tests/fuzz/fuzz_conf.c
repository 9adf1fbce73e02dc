/* SPDX-License-Identifier: BSD-2-Clause */
/* relayguard.yaml: a struct or an error, never both, never neither. */
#include <stdint.h>
#include <stdlib.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct complaints c = { 0 };
	struct conf *conf = conf_parse((struct text){ (const char *)data, n },
	    "f", &c);

	if ((conf == NULL) != (c.errors > 0))
		abort();
	if (conf != NULL && (conf->milter_socket == NULL ||
	    conf->max_sessions < 1 || conf->max_sessions > 100000))
		abort();
	conf_free(conf);
	complaints_free(&c);
	return 0;
}
