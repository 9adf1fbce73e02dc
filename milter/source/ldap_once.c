/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_once.h"

#include <ldap.h>
#include <stdio.h>

#include "milter/source/ldap_poll.h"
#include "milter/source/ldap_sync.h"
#include "milter/source/ldap_thread.h"
#include "milter/source/ldap_uri.h"

/* With nothing told for so long, the refresh is given up. */
#define STALL_MS 30000

struct once {
	const struct ldap_settings *set;
	const struct ldap_sink *sink;
	struct ldap_link *link;
	const char *uri;
	struct ldap_plug plug;
	struct ldap_trouble why;
};

static bool
by_sync(struct once *o, unsigned long *entries)
{
	struct ldap_cookie none = { .n = 0 };
	struct ldap_sync y = { .link = o->link, .sink = o->sink,
		.cookie = &none };
	enum ldap_heard heard = LDAP_HEARD_SOME;
	bool complete = ldap_sync_start(&y, true, &o->why);

	while (complete && !y.live && heard == LDAP_HEARD_SOME)
		heard = ldap_sync_hear(&y, STALL_MS, &o->why);
	complete = complete && y.live;
	*entries = y.entries;
	if (heard == LDAP_HEARD_NOTHING)
		ldap_link_explain_said(o->link, LDAP_TIMEOUT,
		    LDAP_STEP_SEARCH, NULL, &o->why);
	ldap_sync_free(&y);
	return complete;
}

static bool
by_poll(struct once *o, unsigned long *entries)
{
	struct ldap_poll p = { .link = o->link, .sink = o->sink };
	bool complete = ldap_poll_all(&p, &o->why);

	*entries = p.entries;
	ldap_poll_free(&p);
	return complete;
}

/* Whatever is worth knowing of a refresh that went well. */
static void
remark(struct once *o, unsigned long entries, bool fell_back)
{
	const struct ldap_settings *s = o->set;

	o->why = (struct ldap_trouble){ .code = 0 };
	if (entries == 0)
		ldap_trouble_say(&o->why, 0, "%s: the search found nothing: "
		    "no entry below %s fits %s, or the server's ACL hides "
		    "them from %s", o->uri, s->base, s->filter,
		    ldap_is_set(s->bind_dn) ? s->bind_dn :
		    "a client without ldap_bind_dn");
	else if (ldap_uri_is_clear(s, o->uri))
		ldap_trouble_say(&o->why, 0, "%s: " LDAP_CLEAR_WORDS, o->uri);
	else if (fell_back)
		ldap_trouble_say(&o->why, 0, "%s: no content sync (RFC 4533) "
		    "here: changes will be asked for every %u s; in OpenLDAP, "
		    "overlay syncprov is missing on this database", o->uri,
		    s->poll_seconds);
}

static void
refresh(struct once *o)
{
	unsigned long entries = 0;
	bool complete = false, fell_back = false;

	if (o->set->sync != LDAP_POLL)
		complete = by_sync(o, &entries);
	if (o->set->sync == LDAP_POLL || (o->set->sync == LDAP_AUTO &&
	    !complete && ldap_sync_is_missing(o->why.code))) {
		fell_back = o->set->sync == LDAP_AUTO;
		complete = by_poll(o, &entries);
	}
	if (complete)
		remark(o, entries, fell_back);
}

static void *
run(void *with)
{
	struct once *o = with;
	unsigned i;

	for (i = 0; i < o->set->uris && o->link == NULL; i++) {
		o->uri = o->set->uri[i];
		o->link = ldap_link_open(o->set, o->uri, &o->plug, &o->why);
	}
	if (o->link != NULL)
		refresh(o);
	ldap_link_close(o->link);
	return NULL;
}

int
ldap_follow_once(const struct ldap_settings *s, const struct ldap_sink *sink,
    char *why, size_t size)
{
	struct once o = { .set = s, .sink = sink, .plug = LDAP_PLUG_INIT };
	pthread_t thread;

	ldap_trouble_say(&o.why, LDAP_LOCAL_ERROR, "no thread to be had");
	ldap_link_prepare();
	/* in a thread, for there SIGPIPE of a lost connection is blocked */
	if (ldap_thread_start(&thread, run, &o))
		pthread_join(thread, NULL);
	snprintf(why, size, "%s", o.why.text);
	return o.why.code;
}
