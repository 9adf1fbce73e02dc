/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_limit.h"

static void *
run(void *with)
{
	struct ldap_limit *l = with;

	for (;;) {
		ldap_bell_wait(&l->bell, l->ms);
		if (ldap_bell_stopped(&l->bell))
			return NULL;
		/* again and again: it may not have been in yet */
		l->struck = true;
		ldap_plug_pull(l->plug);
	}
}

void
ldap_limit_start(struct ldap_limit *l, struct ldap_plug *plug, unsigned ms)
{
	l->plug = plug;
	l->ms = ms;
	l->struck = false;
	ldap_bell_init(&l->bell);
	l->running = ldap_thread_start(&l->thread, run, l);
}

bool
ldap_limit_stop(struct ldap_limit *l)
{
	ldap_bell_stop(&l->bell);
	if (l->running)
		pthread_join(l->thread, NULL);
	ldap_bell_destroy(&l->bell);
	return l->struck;
}
