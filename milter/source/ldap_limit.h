/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_limit.h - pulls a plug when something takes too long. */
#ifndef SOURCE_LDAP_LIMIT_H
#define SOURCE_LDAP_LIMIT_H

#include "milter/source/ldap_plug.h"
#include "milter/source/ldap_thread.h"

struct ldap_limit {
	struct ldap_plug *plug;
	unsigned ms;
	struct ldap_bell bell;
	pthread_t thread;
	bool running, struck;
};

/* From now on; without a thread to be had there is no limit. */
void ldap_limit_start(struct ldap_limit *l, struct ldap_plug *plug,
    unsigned ms);

/* It is done, or has failed; was the plug pulled? */
bool ldap_limit_stop(struct ldap_limit *l);

#endif
