/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_sync.h"

#include <ldap.h>
#include <stdint.h>
#include <sys/time.h>

#include "milter/clock.h"
#include "milter/source/ldap_message.h"
#include "milter/source/ldap_thread.h"

/* So much is handed over in one go before it is put in force. */
#define BATCH_MESSAGES 2000
#define BATCH_MS 5

static struct text
bytes_of(const struct berval *b)
{
	return (struct text){ b->bv_val, b->bv_val != NULL ? b->bv_len : 0 };
}

static int
garbage(const struct ldap_sync *y, struct ldap_trouble *why)
{
	ldap_link_explain_said(y->link, LDAP_DECODING_ERROR, LDAP_STEP_SEARCH,
	    "a message of content sync that does not keep to RFC 4533", why);
	return LDAP_DECODING_ERROR;
}

static int
failed(const struct ldap_sync *y, int code, struct ldap_trouble *why)
{
	if (code != LDAP_SUCCESS)
		ldap_link_explain(y->link, code, LDAP_STEP_SEARCH, why);
	return code;
}

static void
note_cookie(struct ldap_sync *y, struct text cookie)
{
	if (cookie.n == 0)
		return;
	ldap_cookie_merge(&y->news, cookie);
	y->moved = true;
}

/* ---- what is told --------------------------------------------------------- */

static int
tell_entry(struct ldap_sync *y, LDAPMessage *m, const unsigned char *uuid,
    struct ldap_trouble *why)
{
	struct ldap_entry e;
	int code = ldap_read_entry(&y->reader, ldap_link_handle(y->link), m,
	    &e);

	if (code != LDAP_SUCCESS)
		return failed(y, code, why);
	y->entries++;
	y->changed = true;
	if (y->sink->entry(y->sink->with, uuid, &e))
		return LDAP_SUCCESS;
	return failed(y, LDAP_NO_MEMORY, why);
}

static void
tell_gone(struct ldap_sync *y, const unsigned char *uuid)
{
	y->changed = true;
	y->sink->gone(y->sink->with, uuid);
}

static void
tell_present(struct ldap_sync *y, const unsigned char *uuid)
{
	/* of no meaning among live changes */
	if (!y->live)
		y->sink->present(y->sink->with, uuid);
}

static int
hear_state(struct ldap_sync *y, LDAPMessage *m, const LDAPControl *control,
    struct ldap_trouble *why)
{
	struct ldap_sync_state state;
	int code = LDAP_SUCCESS;

	if (control == NULL ||
	    !ldap_message_state(bytes_of(&control->ldctl_value), &state))
		return garbage(y, why);
	switch (state.is) {
	case LDAP_IS_PRESENT:
		tell_present(y, state.uuid);
		break;
	case LDAP_IS_GONE:
		tell_gone(y, state.uuid);
		break;
	default:
		code = tell_entry(y, m, state.uuid, why);
	}
	if (code == LDAP_SUCCESS)
		note_cookie(y, state.cookie);
	return code;
}

static int
hear_entry(struct ldap_sync *y, LDAPMessage *m, struct ldap_trouble *why)
{
	LDAPControl **controls = NULL;
	int code = ldap_get_entry_controls(ldap_link_handle(y->link), m,
	    &controls);

	if (code != LDAP_SUCCESS)
		return failed(y, code, why);
	code = hear_state(y, m, ldap_control_find(LDAP_CONTROL_SYNC_STATE,
	    controls, NULL), why);
	ldap_controls_free(controls);
	return code;
}

/* The refresh is over: from now on every message is a change. */
static int
complete(struct ldap_sync *y, struct ldap_trouble *why)
{
	if (!y->sink->refreshed(y->sink->with, y->fresh || y->presents))
		return failed(y, LDAP_NO_MEMORY, why);
	y->refreshing = false;
	y->live = y->changed = y->moved = true;
	return LDAP_SUCCESS;
}

static void
hear_set(struct ldap_sync *y, struct ldap_sync_info *info)
{
	const unsigned char *uuid;

	while ((uuid = ldap_message_uuid(&info->set)) != NULL) {
		if (info->deletes)
			tell_gone(y, uuid);
		else
			tell_present(y, uuid);
	}
}

static int
act_on_info(struct ldap_sync *y, struct ldap_sync_info *info,
    struct ldap_trouble *why)
{
	note_cookie(y, info->cookie);
	switch (info->what) {
	case LDAP_INFO_COOKIE:
		return LDAP_SUCCESS;
	case LDAP_INFO_SET:
		hear_set(y, info);
		return LDAP_SUCCESS;
	case LDAP_INFO_PRESENTS:
		y->presents = true;
		break;
	case LDAP_INFO_DELETES:
		break;
	}
	return info->done && !y->live ? complete(y, why) : LDAP_SUCCESS;
}

static int
hear_info(struct ldap_sync *y, LDAPMessage *m, struct ldap_trouble *why)
{
	struct berval *value = NULL;
	struct ldap_sync_info info;
	char *oid = NULL;
	int code = ldap_parse_intermediate(ldap_link_handle(y->link), m, &oid,
	    &value, NULL, 0);

	if (code != LDAP_SUCCESS)
		failed(y, code, why);
	else if (oid == NULL || strcmp(oid, LDAP_SYNC_INFO) != 0)
		code = LDAP_SUCCESS; /* somebody else's extension */
	else if (value == NULL || !ldap_message_info(bytes_of(value), &info))
		code = garbage(y, why);
	else
		code = act_on_info(y, &info, why);
	ldap_memfree(oid);
	ber_bvfree(value);
	return code;
}

/* The server's last word may come with a cookie. */
static void
hear_done(struct ldap_sync *y, LDAPControl **controls)
{
	LDAPControl *c = ldap_control_find(LDAP_CONTROL_SYNC_DONE, controls,
	    NULL);
	struct ldap_sync_done done;

	if (y->live && c != NULL &&
	    ldap_message_done(bytes_of(&c->ldctl_value), &done))
		note_cookie(y, done.cookie);
}

/* The search is to go on for ever: whatever ends it is a trouble. */
static int
hear_result(struct ldap_sync *y, LDAPMessage *m, struct ldap_trouble *why)
{
	LDAPControl **controls = NULL;
	char *said = NULL, **referrals = NULL;
	int code = LDAP_OTHER, parsed = ldap_parse_result(
	    ldap_link_handle(y->link), m, &code, NULL, &said, &referrals,
	    &controls, 0);

	y->id = 0;
	if (parsed != LDAP_SUCCESS)
		code = parsed;
	if (code == LDAP_SUCCESS) {
		hear_done(y, controls);
		/* in a refresh: as if it did not know the control */
		code = y->live ? LDAP_UNAVAILABLE :
		    LDAP_UNAVAILABLE_CRITICAL_EXTENSION;
	}
	ldap_link_explain_said(y->link, code, LDAP_STEP_SEARCH,
	    referrals != NULL ? referrals[0] : said, why);
	ldap_memfree(said);
	ldap_memvfree((void **)referrals);
	ldap_controls_free(controls);
	return code;
}

static int
hear_message(struct ldap_sync *y, int type, LDAPMessage *m,
    struct ldap_trouble *why)
{
	y->messages++;
	switch (type) {
	case LDAP_RES_SEARCH_ENTRY:
		return hear_entry(y, m, why);
	case LDAP_RES_INTERMEDIATE:
		return hear_info(y, m, why);
	case LDAP_RES_SEARCH_RESULT:
		return hear_result(y, m, why);
	default: /* a part of the tree that is elsewhere is not followed */
		y->referrals++;
		return LDAP_SUCCESS;
	}
}

/* ---- the search ----------------------------------------------------------- */

/* One message within this time; false: none came, or *code is no success. */
static bool
hear_one(struct ldap_sync *y, unsigned ms, int *code,
    struct ldap_trouble *why)
{
	struct timeval limit = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000) * 1000 };
	LDAP *ld = ldap_link_handle(y->link);
	LDAPMessage *m = NULL;
	int type = ldap_result(ld, y->id, LDAP_MSG_ONE, &limit, &m);

	*code = LDAP_SUCCESS;
	if (type < 0) {
		*code = LDAP_SERVER_DOWN;
		ldap_get_option(ld, LDAP_OPT_RESULT_CODE, code);
		if (*code == LDAP_SUCCESS)
			*code = LDAP_SERVER_DOWN;
		y->id = 0;
		failed(y, *code, why);
	} else if (type > 0) {
		*code = hear_message(y, type, m, why);
	}
	ldap_msgfree(m);
	return type > 0 && *code == LDAP_SUCCESS;
}

/* What is live and has been handed over comes into force. */
static void
put_in_force(struct ldap_sync *y)
{
	if (!y->live)
		return;
	if (y->changed)
		y->sink->flush(y->sink->with);
	if (y->moved) {
		*y->cookie = y->news;
		y->sink->cookie(y->sink->with, ldap_cookie_text(y->cookie));
	}
	y->changed = y->moved = false;
}

enum ldap_heard
ldap_sync_hear(struct ldap_sync *y, unsigned ms, struct ldap_trouble *why)
{
	bool was_live = y->live;
	long long until = 0;
	unsigned n = 0;
	int code;

	while (hear_one(y, n == 0 ? ms : 0, &code, why)) {
		if (n++ == 0)
			until = clock_ms() + BATCH_MS;
		/* a refresh comes into force before the first change */
		if (y->live != was_live || n == BATCH_MESSAGES ||
		    clock_ms() > until)
			break;
	}
	put_in_force(y);
	if (code == LDAP_SUCCESS)
		return n > 0 ? LDAP_HEARD_SOME : LDAP_HEARD_NOTHING;
	ldap_sync_end(y);
	return LDAP_HEARD_END;
}

/* SyncRequestValue, RFC 4533 2.1; to be freed. */
static BerElement *
request(struct ldap_cookie *cookie)
{
	struct berval c = { cookie->n, cookie->at };
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	int done;

	if (ber == NULL)
		return NULL;
	done = cookie->n > 0 ?
	    ber_printf(ber, "{eOb}", LDAP_SYNC_REFRESH_AND_PERSIST, &c, 0) :
	    ber_printf(ber, "{eb}", LDAP_SYNC_REFRESH_AND_PERSIST, 0);
	if (done >= 0)
		return ber;
	ber_free(ber, 1);
	return NULL;
}

static int
send_search(struct ldap_sync *y)
{
	const struct ldap_settings *s = ldap_link_settings(y->link);
	LDAPControl control = { (char[]){ LDAP_CONTROL_SYNC }, { 0, NULL }, 1 };
	LDAPControl *controls[] = { &control, NULL };
	BerElement *ber = request(&y->news);
	int code = LDAP_NO_MEMORY;

	/* libldap does not change what attributes point to */
	if (ber != NULL && ber_flatten2(ber, &control.ldctl_value, 0) == 0)
		code = ldap_search_ext(ldap_link_handle(y->link), s->base,
		    LDAP_SCOPE_SUBTREE, s->filter,
		    (char **)(uintptr_t)s->attributes, 0, controls, NULL, NULL,
		    LDAP_NO_LIMIT, &y->id);
	ber_free(ber, 1);
	return code;
}

bool
ldap_sync_start(struct ldap_sync *y, bool fresh, struct ldap_trouble *why)
{
	int code;

	ldap_sync_end(y);
	y->fresh = fresh || y->cookie->n == 0;
	y->news = *y->cookie;
	if (y->fresh)
		y->news.n = 0;
	y->presents = y->changed = y->moved = false;
	y->entries = 0;
	y->refreshing = y->sink->begin(y->sink->with, y->fresh);
	code = y->refreshing ? send_search(y) : LDAP_NO_MEMORY;
	if (code == LDAP_SUCCESS)
		return true;
	failed(y, code, why);
	y->id = 0;
	ldap_sync_end(y);
	return false;
}

void
ldap_sync_end(struct ldap_sync *y)
{
	if (y->id > 0)
		ldap_abandon_ext(ldap_link_handle(y->link), y->id, NULL, NULL);
	y->id = 0;
	y->live = false;
	if (y->refreshing)
		y->sink->abandoned(y->sink->with);
	y->refreshing = false;
}

void
ldap_sync_free(struct ldap_sync *y)
{
	ldap_sync_end(y);
	ldap_reader_free(&y->reader);
}

bool
ldap_sync_refuses_cookie(int code)
{
	return code == LDAP_UNWILLING_TO_PERFORM ||
	    code == LDAP_SYNC_REFRESH_REQUIRED;
}

bool
ldap_sync_is_missing(int code)
{
	return code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION;
}
