/* SPDX-License-Identifier: BSD-2-Clause */
/* One entry of sendmail's data as lines; ldap_sendmail_add.c joins them. */
#include "conf/ldap_sendmail.h"

#include "conf/ldap_filter.h"
#include "conf/ldap_value.h"
#include "conf/lines.h"
#include "conf/sendmail_files.h"

/* For a key whose value cannot be told: grants nothing, bounces nothing. */
#define UNKNOWN_VALUE "ERROR:4.7.1:\"451 the directory's entry cannot be used\""

struct reader {
	const struct ldap_entry *e;
	struct ldap_lines *out;
	struct complaints *c;
	bool memory; /* false once it has run out */
};

#define NOTE(r, ...)                                                         \
	ldap_complain((r)->e, (r)->c, COMPLAINT_NOTE, __VA_ARGS__)
#define WRONG(r, ...)                                                        \
	ldap_complain((r)->e, (r)->c, COMPLAINT_ERROR, __VA_ARGS__)

bool
ldap_sendmail_filter(struct ldap_sendmail_owner us, struct ldap_lines *out)
{
	bool good = ldap_lines_add(out, TEXT("(&(|(&(objectClass="
	    "sendmailMTAClass)(|(sendmailMTAClassName=R)"
	    "(sendmailMTAClassName=w)))(&(objectClass=sendmailMTAMapObject)"
	    "(sendmailMTAMapName=access)))(|"));

	if (us.cluster.n > 0)
		good = good && ldap_filter_equal(out, "sendmailMTACluster",
		    us.cluster);
	if (us.host.n > 0)
		good = good && ldap_filter_equal(out, "sendmailMTAHost",
		    us.host);
	return good && ldap_lines_add(out, TEXT("))"));
}

static void
add(struct reader *r, struct text s)
{
	r->memory = r->memory && ldap_lines_add(r->out, s);
}

static void
add_line(struct reader *r, struct text head, struct text word,
    struct text tail)
{
	add(r, head);
	add(r, word);
	add(r, tail);
	add(r, TEXT("\n"));
}

typedef void parser(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/*
 * Would this line of one of sendmail's files be a mistake?  Told as one of the
 * attribute; what is only a note is for all lines together.
 */
static bool
is_mistake(struct reader *r, parser *parse, const char *name, struct text word,
    struct text tail)
{
	struct policy_builder *b = policy_builder_new(0);
	struct complaints said = { 0 };
	struct ldap_lines l = { 0 };
	bool mistake = false;
	size_t i;

	/* a line before it, where the parser looks for a byte order mark */
	if (b != NULL && ldap_lines_add(&l, TEXT("#\n")) &&
	    ldap_lines_add(&l, word) && ldap_lines_add(&l, tail))
		parse((struct text){ l.at, l.n }, "", b, &said);
	else
		r->memory = false;
	if (ldap_lacked_memory(&said))
		r->memory = false;
	for (i = 0; i < said.n && r->memory; i++) {
		if (said.at[i].level != COMPLAINT_ERROR)
			continue;
		ldap_complain_of(r->e, r->c, name, &said.at[i]);
		mistake = true;
	}
	complaints_free(&said);
	ldap_lines_free(&l);
	policy_builder_free(b);
	return mistake;
}

/* isspace() of the C locale, by which sendmail parts the words of a class. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A word of a class; '#' begins no comment here, unlike in a file. */
static void
add_member(struct reader *r, struct text head, parser *parse, struct text word)
{
	const char *fault = ldap_value_fault(word);

	if (fault != NULL)
		WRONG(r, "sendmailMTAClassValue: %.*s: %s, not used",
		    TEXT_ARG(word), fault);
	else if (text_find(word, '#') < word.n)
		NOTE(r, "sendmailMTAClassValue: %.*s: neither a domain nor an "
		    "address, not used", TEXT_ARG(word));
	else if (!is_mistake(r, parse, "sendmailMTAClassValue", word, TEXT("")))
		add_line(r, head, word, TEXT(""));
}

static void
add_members(struct reader *r, struct text head, parser *parse,
    struct text value)
{
	size_t from = 0, to;

	while (from < value.n) {
		for (to = from; to < value.n && !is_space(value.at[to]); to++)
			;
		if (to > from)
			add_member(r, head, parse, text_cut(value, from, to));
		from = to + 1;
	}
}

static void
read_class(struct reader *r, const char *class, struct text head,
    parser *parse)
{
	struct ldap_walk w = ldap_walk_of(r->e, "sendmailMTAClassValue");
	struct text value;

	if (!ldap_has(r->e, "sendmailMTAClassName", text_of(class)))
		return;
	while (ldap_walk_next(&w, &value)) {
		if (w.options)
			NOTE(r, "sendmailMTAClassValue: %.*s: has options "
			    "(;...), not used", TEXT_ARG(value));
		else
			add_members(r, head, parse, value);
	}
}

/* Say that a search or an URL stands in the entry; false: there is none. */
static bool
note_unfollowed(struct reader *r, const char *name)
{
	struct ldap_walk w = ldap_walk_of(r->e, name);
	struct text value;

	if (!ldap_walk_next(&w, &value))
		return false;
	NOTE(r, "%s: %.*s: not followed", name, TEXT_ARG(value));
	return true;
}

/*
 * The value of an access object: sendmail takes the first one (the map has no
 * -z).  False: there is none, then the object is no match at all.
 */
static bool
read_value(struct reader *r, struct text *out)
{
	struct ldap_walk w = ldap_walk_of(r->e, "sendmailMTAMapValue");
	bool any = ldap_walk_next(&w, out), options = w.options;
	bool search = note_unfollowed(r, "sendmailMTAMapSearch");
	bool url = note_unfollowed(r, "sendmailMTAMapURL");
	const char *fault = any && out->n > 0 ? ldap_value_fault(*out) : NULL;
	struct text more;

	if (options)
		fault = "has options (;...)";
	if (fault != NULL)
		WRONG(r, "sendmailMTAMapValue: %.*s: %s, grants nothing",
		    TEXT_ARG(*out), fault);
	else if (any && ldap_walk_next(&w, &more))
		NOTE(r, "sendmailMTAMapValue: the first value counts, %.*s; "
		    "not %.*s", TEXT_ARG(*out), TEXT_ARG(more));
	if (fault != NULL || search || url)
		*out = TEXT(UNKNOWN_VALUE);
	return any || search || url;
}

/* Can sendmail ever ask for this key?  It never does for one with blanks. */
static bool
key_is_usable(struct reader *r, struct text key)
{
	const char *fault = ldap_value_fault(key);
	struct text rest = key;

	if (fault != NULL)
		WRONG(r, "sendmailMTAKey: %.*s: %s, not used", TEXT_ARG(key),
		    fault);
	else if (line_word(&rest).n != key.n || key.at[0] == '#')
		NOTE(r, "sendmailMTAKey: %.*s: no key of a domain or an "
		    "address, not used", TEXT_ARG(key));
	else
		return true;
	return false;
}

static void
add_key(struct reader *r, struct text key, struct text value)
{
	if (text_same(value, TEXT("RELAY")) && is_mistake(r,
	    sendmail_access_parse, "sendmailMTAKey", key, TEXT("\tRELAY\n")))
		value = TEXT(UNKNOWN_VALUE);
	add(r, TEXT("access "));
	add_line(r, key, TEXT("\t"), value);
}

static void
read_access(struct reader *r)
{
	struct ldap_walk w = ldap_walk_of(r->e, "sendmailMTAKey");
	struct text key, value;

	if (!ldap_has(r->e, "sendmailMTAMapName", TEXT("access")) ||
	    !read_value(r, &value))
		return;
	value = text_trim(value);
	while (ldap_walk_next(&w, &key)) {
		key = text_trim(key);
		if (key_is_usable(r, key))
			add_key(r, key, value);
	}
}

static bool
is_ours(const struct ldap_entry *e, struct ldap_sendmail_owner us)
{
	return (us.cluster.n > 0 &&
	    ldap_has(e, "sendmailMTACluster", us.cluster)) ||
	    (us.host.n > 0 && ldap_has(e, "sendmailMTAHost", us.host));
}

bool
ldap_sendmail_lines(const struct ldap_entry *e, struct ldap_sendmail_owner us,
    struct ldap_lines *out, struct complaints *c)
{
	struct reader r = { e, out, c, true };

	if (!is_ours(e, us))
		return true;
	if (ldap_has(e, "objectClass", TEXT("sendmailMTAClass"))) {
		read_class(&r, "R", TEXT("class R "),
		    sendmail_relay_domains_parse);
		read_class(&r, "w", TEXT("class w "),
		    sendmail_local_host_names_parse);
		note_unfollowed(&r, "sendmailMTAClassSearch");
		note_unfollowed(&r, "sendmailMTAClassURL");
	}
	if (ldap_has(e, "objectClass", TEXT("sendmailMTAMapObject")))
		read_access(&r);
	return r.memory;
}
