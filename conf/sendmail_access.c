/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The source text of the access map.  In sendmail the longest key decides, a
 * tagged key goes before the same key without tag, and only RELAY relays.  So
 * three passes: survey what is granted at all, then add the tagged keys, then
 * the untagged ones, which are duplicates where a tagged one stands.
 */
#include "conf/sendmail_files.h"

#include "conf/lines.h"
#include "conf/sendmail_key.h"
#include "policy/domain.h"

enum tag {
	TAG_NONE,
	TAG_CONNECT,
	TAG_TO,
	TAG_FROM,
	TAG_CERTIFICATE,
	TAG_OTHER /* of a feature that has nothing to do with relaying */
};

struct access {
	const char *file;
	struct text content;
	struct policy_builder *builder;
	struct complaints *complaints;
	unsigned source;
	const struct policy *granted; /* what any key of this file grants */
};

/* One line, taken apart. */
struct item {
	unsigned line;
	enum tag tag;
	struct text whole; /* key with tag, for messages */
	struct text key;
	struct text value;
	bool relay;
};

static enum tag
find_tag(struct text tag)
{
	static const struct {
		const char *name;
		enum tag tag;
	} tags[] = {
		{ "connect", TAG_CONNECT },
		{ "to", TAG_TO },
		{ "from", TAG_FROM },
		{ "certissuer", TAG_CERTIFICATE },
		{ "certsubject", TAG_CERTIFICATE },
	};
	size_t i;

	for (i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (text_same(tag, text_of(tags[i].name)))
			return tags[i].tag;
	return TAG_OTHER;
}

/* Letters and underscores before a colon are a tag, except "IPv6:". */
static void
split_tag(struct item *item)
{
	struct text key = item->whole;
	size_t i = 0;

	item->tag = TAG_NONE;
	item->key = key;
	while (i < key.n && ((text_lower(key.at[i]) >= 'a' &&
	    text_lower(key.at[i]) <= 'z') || key.at[i] == '_'))
		i++;
	if (i == 0 || i == key.n || key.at[i] != ':')
		return;
	item->tag = find_tag(text_cut(key, 0, i));
	item->key = text_cut(key, i + 1, key.n);
}

/* Take a line apart as makemap does; false when it makes no entry. */
static bool
read_item(struct access *a, struct text line, unsigned number,
    struct complaints *c, struct item *item)
{
	const char *wrong = NULL;

	*item = (struct item){ .line = number };
	if (text_is_blank(line.at[0]))
		wrong = "begins with a blank";
	item->whole = line_word(&line);
	item->value = text_trim(line);
	item->relay = text_same(item->value, TEXT("RELAY"));
	if (wrong == NULL && item->value.n == 0)
		wrong = "has a key but no value";
	if (wrong == NULL) {
		split_tag(item);
		return true;
	}
	if (c != NULL && item->whole.n > 0 && item->whole.at[0] != '#')
		complaint_add(c, COMPLAINT_NOTE, a->file, number,
		    "line %s, makemap leaves it out", wrong);
	return false;
}

/* The next entry of the file; c may be NULL.  False at the end. */
static bool
next_item(struct access *a, struct lines *lines, struct complaints *c,
    struct item *item)
{
	struct text line;

	while (lines_next(lines, &line)) {
		if (line.n > 0 && line.at[0] != '#' &&
		    line_is_clean(line, a->file, lines->number, c) &&
		    read_item(a, line, lines->number, c, item))
			return true;
	}
	return false;
}

/* Why RELAY on a key with this tag grants nothing, or NULL. */
static const char *
tag_objection(enum tag tag)
{
	switch (tag) {
	case TAG_FROM:
		return "anybody can claim to be this sender";
	case TAG_CERTIFICATE:
		return "certificates are left to sendmail";
	case TAG_OTHER:
		return "RELAY has no meaning with this tag";
	case TAG_NONE:
	case TAG_CONNECT:
	case TAG_TO:
		break;
	}
	return NULL;
}

/*
 * Fill in the domain.  Returns why RELAY on this key grants nothing, "" when
 * that needs no mention, or NULL.
 */
static const char *
read_domain(const struct item *item, struct policy_entry *e)
{
	struct text name = item->key;

	if (text_same(name, TEXT("localhost")))
		return ""; /* is always here and always trusted */
	if (item->tag == TAG_CONNECT)
		return "whoever owns the address chooses the host name (PTR)";
	e->kind = POLICY_RELAY;
	e->span = SPAN_BOTH;
	e->value = name;
	if (name.n > 1 && name.at[0] == '.') {
		e->span = SPAN_BELOW;
		e->value = text_cut(name, 1, name.n);
	}
	return NULL;
}

/* The same for an address or leading groups of one. */
static const char *
read_client(const struct item *item, const struct key *key,
    struct policy_entry *e)
{
	if (item->tag == TAG_TO)
		return "an address is no mail domain; trusted clients are "
		    "tagged Connect:";
	if (key->form == KEY_MASK)
		return "sendmail's files have no masks, only leading groups "
		    "(10.56)";
	if (key->form == KEY_BAD)
		return "no address of a client is written like this "
		    "(10.56.23.1, IPv6:2001:db8:0:0:0:0:0:1)";
	e->kind = POLICY_CLIENT;
	e->network = key->network;
	/* in doubt take back more rather than less */
	if (!item->relay && key->widest.bits > 0)
		e->network = key->widest;
	return NULL;
}

/* The same for any key: turn it into an entry, or say why not. */
static const char *
read_key(const struct access *a, const struct item *item,
    struct policy_entry *e)
{
	const char *objection = tag_objection(item->tag);
	struct text s = item->key;
	struct key key;

	*e = (struct policy_entry){ .source = a->source, .line = item->line,
		.action = item->relay ? POLICY_GRANT : POLICY_DENY };
	if (objection != NULL)
		return objection;
	if (s.n == 0)
		return "no key behind the tag";
	if (text_find(s, '@') < s.n)
		return "single mailboxes are left to sendmail";
	if (s.at[0] == '[')
		return "mail to an address literal is not relayed";
	if (s.n > 1 && s.at[s.n - 1] == '.')
		return "sendmail never looks up a key that ends in a dot";
	sendmail_key_parse(s, &key);
	if (key.form == KEY_NAME)
		return read_domain(item, e);
	return read_client(item, &key, e);
}

/* Say what became of a key that was meant to grant. */
static void
complain(const struct access *a, const struct item *item,
    enum complaint_level level, const char *why)
{
	complaint_add(a->complaints, level, a->file, item->line,
	    "%.*s: %s%s", TEXT_ARG(item->whole), why,
	    level == COMPLAINT_NOTE ? "; not granted" : "");
}

/* Put a grant into the survey, or complain. */
static void
survey_item(struct access *a, struct policy_builder *survey,
    const struct item *item)
{
	struct policy_entry e;
	const char *objection = read_key(a, item, &e);
	enum policy_error error;

	if (!item->relay) {
		if (text_begins(item->value, TEXT("RELAY")))
			complain(a, item, COMPLAINT_NOTE,
			    "the value is more than RELAY");
		return;
	}
	if (objection != NULL) {
		if (objection[0] != '\0')
			complain(a, item, COMPLAINT_NOTE, objection);
		return;
	}
	error = policy_add(survey, &e, NULL);
	if (error == POLICY_BAD_DOMAIN)
		complain(a, item, COMPLAINT_NOTE, policy_error_text(error));
	else if (error != POLICY_OK && error != POLICY_DUPLICATE)
		complain(a, item, COMPLAINT_ERROR, policy_error_text(error));
}

/* All grants of the file; NULL when out of memory. */
static struct policy *
survey_new(struct access *a)
{
	struct policy_builder *survey = policy_builder_new(0);
	struct lines lines = lines_of(a->content);
	struct item item;

	if (survey == NULL)
		return NULL;
	while (next_item(a, &lines, a->complaints, &item))
		survey_item(a, survey, &item);
	return policy_freeze(survey);
}

/* The last address of a network. */
static struct ip
last_address(const struct network *net)
{
	struct ip ip = net->base;
	unsigned i;

	for (i = net->bits; i < ip_width(ip.family); i++)
		ip.byte[i / 8] |= (uint8_t)(0x80u >> (i % 8));
	return ip;
}

/* Is there a grant as short as this denial, or shorter, to take back? */
static bool
takes_back(const struct access *a, const struct policy_entry *e)
{
	char name[DOMAIN_MAX + 2] = "x.";
	struct policy_entry found;
	struct ip last;
	size_t n, at = e->span == SPAN_BELOW ? 2 : 0;

	if (e->kind == POLICY_CLIENT) {
		/* a longer grant is seldom found at both ends */
		last = last_address(&e->network);
		return policy_find_client(a->granted, &e->network.base, 0,
		    &found) &&
		    policy_find_client(a->granted, &last, 0, &found);
	}
	n = domain_fold(e->value, name + at);
	return n > 0 && policy_find_domain(a->granted, POLICY_RELAY,
	    (struct text){ name, n + at }, 0, &found);
}

static void
add_item(struct access *a, const struct item *item)
{
	struct policy_entry e;
	enum policy_error error;
	unsigned earlier = 0;

	if (read_key(a, item, &e) != NULL ||
	    (!item->relay && !takes_back(a, &e)))
		return;
	error = policy_add(a->builder, &e, &earlier);
	if (error == POLICY_DUPLICATE)
		complaint_add(a->complaints, COMPLAINT_NOTE, a->file,
		    item->line, "%.*s: line %u decides this key",
		    TEXT_ARG(item->whole), earlier);
	else if (error == POLICY_NO_MEMORY || error == POLICY_TOO_MANY)
		complain(a, item, COMPLAINT_ERROR, policy_error_text(error));
	/* the survey has told about the others */
}

static void
add_items(struct access *a, bool tagged)
{
	struct lines lines = lines_of(a->content);
	struct item item;

	while (next_item(a, &lines, NULL, &item))
		if ((item.tag != TAG_NONE) == tagged)
			add_item(a, &item);
}

/* Every key and value as makemap takes them; false when out of memory. */
static bool
keep_items(struct access *a)
{
	struct access_map *map = access_map_new(policy_seed(a->builder));
	struct lines lines = lines_of(a->content);
	struct item item;

	if (map == NULL)
		return false;
	policy_keep_access(a->builder, map, a->source);
	while (next_item(a, &lines, NULL, &item))
		if (!access_map_add(map, item.whole, item.value))
			return false;
	return true;
}

void
sendmail_access_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c)
{
	struct access a = { .file = name, .content = content, .builder = b,
		.complaints = c };
	enum policy_error error = policy_source(b, text_of(name), &a.source);
	struct policy *granted = NULL;

	if (error == POLICY_OK) {
		granted = keep_items(&a) ? survey_new(&a) : NULL;
		error = granted != NULL ? POLICY_OK : POLICY_NO_MEMORY;
	}
	if (error != POLICY_OK) {
		complaint_add(c, COMPLAINT_ERROR, name, 0, "%s",
		    policy_error_text(error));
		return;
	}
	a.granted = granted;
	add_items(&a, true);
	add_items(&a, false);
	policy_free(granted);
}
