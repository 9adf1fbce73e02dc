/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_poll.h"

#include <ldap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "conf/ldap_value.h"
#include "milter/clock.h"
#include "milter/source/ldap_thread.h"
#include "milter/source/ldap_clock.h"

#define PAGE_ENTRIES 1000
/* Within this time the next message of an answer must come. */
#define STALL_SECONDS 30
/* A write may take so long from its time stamp to where we can see it. */
#define SETTLE_SECONDS 10

static int
failed(const struct ldap_poll *p, int code, struct ldap_trouble *why)
{
	if (code != LDAP_SUCCESS)
		ldap_link_explain(p->link, code, LDAP_STEP_SEARCH, why);
	return code;
}

/* ---- one entry ------------------------------------------------------------ */

static struct text
first_value(const struct ldap_entry *e, struct text name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (text_same(e->attribute[i].name, name) &&
		    e->attribute[i].n > 0)
			return e->attribute[i].value[0];
	return (struct text){ NULL, 0 };
}

static int
hex(char c)
{
	c = text_lower(c);
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 4530 2.1: 597ae2f6-16a6-1027-98f4-d28b5365dc14 */
static bool
parse_uuid(struct text t, unsigned char *out)
{
	size_t i, n = 0;

	if (t.n != 36)
		return false;
	for (i = 0; i < t.n; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (t.at[i] != '-')
				return false;
			continue;
		}
		if (hex(t.at[i]) < 0)
			return false;
		if (n % 2 == 0)
			out[n / 2] = (unsigned char)(hex(t.at[i]) << 4);
		else
			out[n / 2] |= (unsigned char)hex(t.at[i]);
		n++;
	}
	return true;
}

static void
note_time(struct ldap_poll *p, struct text stamp)
{
	int64_t when;

	if (!ldap_time(stamp, &when) ||
	    (p->known && when <= p->newest))
		return;
	p->newest = when;
	p->known = true;
}

static int
tell(struct ldap_poll *p, LDAPMessage *m, struct ldap_trouble *why)
{
	unsigned char uuid[LDAP_UUID_BYTES];
	struct ldap_entry e;
	int code = ldap_read_entry(&p->reader, ldap_link_handle(p->link), m,
	    &e);

	if (code != LDAP_SUCCESS)
		return failed(p, code, why);
	if (!parse_uuid(first_value(&e, TEXT("entryUUID")), uuid)) {
		ldap_link_explain_said(p->link, LDAP_OTHER, LDAP_STEP_SEARCH,
		    "an entry comes without entryUUID, which the ACL may hide",
		    why);
		return LDAP_OTHER;
	}
	note_time(p, first_value(&e, TEXT("modifyTimestamp")));
	p->entries++;
	if (p->sink->entry(p->sink->with, uuid, &e))
		return LDAP_SUCCESS;
	return failed(p, LDAP_NO_MEMORY, why);
}

/* ---- one page ------------------------------------------------------------- */

/* The settings' attributes and what we need; to be freed. */
static char **
attributes(const struct ldap_settings *s)
{
	static const char *const own[] = { "entryUUID", "modifyTimestamp" };
	size_t n = 0;
	const char **all;

	while (s->attributes[n] != NULL)
		n++;
	all = calloc(n + 3, sizeof *all);
	if (all == NULL)
		return NULL;
	memcpy(all, s->attributes, n * sizeof *all);
	all[n] = own[0];
	all[n + 1] = own[1];
	/* libldap does not write to what they point to */
	return (char **)(uintptr_t)all;
}

static int
send_page(struct ldap_poll *p, const char *filter, struct berval *page,
    int *id)
{
	const struct ldap_settings *s = ldap_link_settings(p->link);
	LDAP *ld = ldap_link_handle(p->link);
	LDAPControl *controls[] = { NULL, NULL };
	char **names = attributes(s);
	int code = LDAP_NO_MEMORY;

	/* not critical: without it, all comes in one answer */
	if (names != NULL)
		code = ldap_create_page_control(ld, PAGE_ENTRIES, page, 0,
		    &controls[0]);
	if (code == LDAP_SUCCESS)
		code = ldap_search_ext(ld, s->base, LDAP_SCOPE_SUBTREE, filter,
		    names, 0, controls, NULL, NULL, LDAP_NO_LIMIT, id);
	if (controls[0] != NULL)
		ldap_control_free(controls[0]);
	free(names);
	return code;
}

/* The end of an answer; page becomes empty after the last one. */
static int
end_page(struct ldap_poll *p, LDAPMessage *m, struct berval *page,
    struct ldap_trouble *why)
{
	LDAP *ld = ldap_link_handle(p->link);
	LDAPControl **controls = NULL, *paged;
	char *said = NULL, **referrals = NULL;
	int code = LDAP_OTHER, parsed = ldap_parse_result(ld, m, &code, NULL,
	    &said, &referrals, &controls, 0);
	ber_int_t count;

	ber_memfree(page->bv_val);
	*page = (struct berval){ 0, NULL };
	if (parsed != LDAP_SUCCESS)
		code = parsed;
	if (code != LDAP_SUCCESS)
		ldap_link_explain_said(p->link, code, LDAP_STEP_SEARCH,
		    referrals != NULL ? referrals[0] : said, why);
	paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	if (code == LDAP_SUCCESS && paged != NULL)
		code = failed(p, ldap_parse_pageresponse_control(ld, paged,
		    &count, page), why);
	ldap_memfree(said);
	ldap_memvfree((void **)referrals);
	ldap_controls_free(controls);
	return code;
}

/* One message of the answer; *over at its end. */
static int
hear_one(struct ldap_poll *p, int id, struct berval *page, bool *over,
    struct ldap_trouble *why)
{
	struct timeval limit = { STALL_SECONDS, 0 };
	LDAP *ld = ldap_link_handle(p->link);
	LDAPMessage *m = NULL;
	int code = LDAP_SUCCESS,
	    type = ldap_result(ld, id, LDAP_MSG_ONE, &limit, &m);

	if (type == LDAP_RES_SEARCH_RESULT) {
		*over = true;
		code = end_page(p, m, page, why);
	} else if (type == LDAP_RES_SEARCH_ENTRY) {
		code = tell(p, m, why);
	} else if (type == 0) {
		code = failed(p, LDAP_TIMEOUT, why);
	} else if (type < 0) {
		ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
		code = failed(p, code != LDAP_SUCCESS ? code :
		    LDAP_SERVER_DOWN, why);
	} /* else: a part of the tree that is elsewhere is not followed */
	ldap_msgfree(m);
	return code;
}

/* All pages of a search. */
static int
search(struct ldap_poll *p, const char *filter, struct ldap_trouble *why)
{
	struct berval page = { 0, NULL };
	int id = 0, code;
	bool over;

	do {
		code = failed(p, send_page(p, filter, &page, &id), why);
		for (over = false; code == LDAP_SUCCESS && !over; )
			code = hear_one(p, id, &page, &over, why);
		if (code != LDAP_SUCCESS && !over && id > 0)
			ldap_abandon_ext(ldap_link_handle(p->link), id, NULL,
			    NULL);
	} while (code == LDAP_SUCCESS && page.bv_len > 0);
	ber_memfree(page.bv_val);
	return code;
}

/* ---- the two kinds of polling --------------------------------------------- */

/*
 * From when on to ask next time, after a search from begin on.
 *
 * An entry may have been read, and then changed before the newest one was
 * written that we saw, so what counts is the server's clock at the begin: not
 * before the newest stamp minus how long the search took.  Once a later search
 * has found nothing newer, all with the newest stamp have been told.
 */
static void
move_on(struct ldap_poll *p, time_t newest_before, bool known_before,
    long long begin_ms)
{
	long long now = clock_ms();

	if (!p->known)
		return;
	if (!known_before || p->newest != newest_before) {
		p->newest_ms = now;
		p->from = p->newest - (now - begin_ms) / 1000 - 1 -
		    SETTLE_SECONDS;
		p->behind = false;
	} else if (begin_ms - p->newest_ms >= SETTLE_SECONDS * 1000) {
		p->from = p->newest;
		p->behind = true;
	}
}

/* The filter for what was modified; to be freed. */
static char *
changes_filter(const struct ldap_poll *p)
{
	const char *own = ldap_link_settings(p->link)->filter;
	bool bare = own[0] != '(';
	char stamp[LDAP_CLOCK_MAX], *out;
	int n;

	ldap_clock_print(p->from, stamp);
	n = asprintf(&out, "(&%s%s%s(modifyTimestamp>=%s)%s%s%s)",
	    bare ? "(" : "", own, bare ? ")" : "", stamp,
	    p->behind ? "(!(modifyTimestamp=" : "", p->behind ? stamp : "",
	    p->behind ? "))" : "");
	return n < 0 ? NULL : out;
}

bool
ldap_poll_all(struct ldap_poll *p, struct ldap_trouble *why)
{
	const struct ldap_sink *sink = p->sink;
	long long begin = clock_ms();
	int code = LDAP_NO_MEMORY;

	p->entries = 0;
	/* of another server, perhaps, or its clock was set back */
	p->known = false;
	if (!sink->begin(sink->with, true)) {
		failed(p, code, why);
		return false;
	}
	code = search(p, ldap_link_settings(p->link)->filter, why);
	if (code == LDAP_SUCCESS && !sink->refreshed(sink->with, true))
		code = failed(p, LDAP_NO_MEMORY, why);
	if (code != LDAP_SUCCESS) {
		sink->abandoned(sink->with);
		p->known = false;
		return false;
	}
	sink->flush(sink->with);
	sink->cookie(sink->with, (struct text){ "", 0 });
	move_on(p, 0, false, begin);
	return true;
}

bool
ldap_poll_changes(struct ldap_poll *p, struct ldap_trouble *why)
{
	time_t newest = p->newest;
	long long begin = clock_ms();
	char *filter = changes_filter(p);
	int code;

	p->entries = 0;
	code = filter != NULL ? search(p, filter, why) :
	    failed(p, LDAP_NO_MEMORY, why);
	free(filter);
	if (p->entries > 0)
		p->sink->flush(p->sink->with);
	if (code == LDAP_SUCCESS)
		move_on(p, newest, true, begin);
	else
		p->newest = newest;
	return code == LDAP_SUCCESS;
}

void
ldap_poll_free(struct ldap_poll *p)
{
	ldap_reader_free(&p->reader);
}
