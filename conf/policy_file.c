/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/policy_file.h"

#include "conf/lines.h"
#include "policy/domain.h"

/* Where we are, and where the results go. */
struct reader {
	const char *file;
	unsigned line;
	struct policy_builder *builder;
	struct complaints *complaints;
};

#define WRONG(r, ...)                                                        \
	complaint_add((r)->complaints, COMPLAINT_ERROR, (r)->file,           \
	    (r)->line, __VA_ARGS__)

/* Cut the next word off; a word that begins with '#' ends the line. */
static struct text
next_word(struct text *line)
{
	struct text word = line_word(line);

	if (word.n > 0 && word.at[0] == '#')
		word.n = line->n = 0;
	return word;
}

static bool
has_letter(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (text_lower(s.at[i]) >= 'a' && text_lower(s.at[i]) <= 'z')
			return true;
	return false;
}

/* Could this be meant as a host name, not as an address? */
static bool
is_host_name(struct text s)
{
	char folded[DOMAIN_MAX];

	return has_letter(s) && domain_fold(s, folded) > 0;
}

static bool
read_network(struct reader *r, struct text value, struct policy_entry *e)
{
	const char *word = e->kind == POLICY_CLIENT ? "client" : "forwarder";
	enum network_error error = network_parse(value, &e->network);
	char right[NETWORK_TEXT_MAX];

	if (error == NETWORK_OK)
		return true;
	if (error == NETWORK_HOST_BITS)
		WRONG(r, "%s %.*s: %s; write %s for the network, or the "
		    "address alone", word, TEXT_ARG(value),
		    network_error_text(error),
		    network_print(&e->network, right));
	else if (is_host_name(value))
		WRONG(r, "%s %.*s: a host name never makes a client "
		    "trusted, since whoever owns the address chooses the name "
		    "(PTR); write its address or network", word,
		    TEXT_ARG(value));
	else
		WRONG(r, "%s %.*s: %s", word, TEXT_ARG(value),
		    network_error_text(error));
	return false;
}

static bool
read_word(struct reader *r, struct text value, struct policy_entry *e)
{
	(void)r;
	e->value = value;
	return true;
}

/* "example.org" is the name itself, ".example.org" all names below it. */
static bool
read_domain(struct reader *r, const char *word, struct text value,
    struct policy_entry *e)
{
	struct network ignored;

	if (network_parse(value, &ignored) != NETWORK_BAD_ADDRESS) {
		WRONG(r, "%s %.*s: an address where a domain belongs (%s)",
		    word, TEXT_ARG(value), e->kind == POLICY_LOCAL ?
		    "an address of ours is written [ADDRESS]" :
		    "a trusted client is written client ADDRESS");
		return false;
	}
	if (text_begins(value, TEXT("*."))) {
		WRONG(r, "%s %.*s: write %.*s for all names below",
		    word, TEXT_ARG(value),
		    TEXT_ARG(text_cut(value, 1, value.n)));
		return false;
	}
	e->span = SPAN_SELF;
	e->value = value;
	if (value.n > 1 && value.at[0] == '.') {
		e->span = SPAN_BELOW;
		e->value = text_cut(value, 1, value.n);
	}
	return true;
}

static bool
read_relay(struct reader *r, struct text value, struct policy_entry *e)
{
	if (value.at[0] == '[') {
		WRONG(r, "relay %.*s: only local may be an address literal",
		    TEXT_ARG(value));
		return false;
	}
	return read_domain(r, "relay", value, e);
}

static bool
read_name(struct reader *r, struct text value, struct policy_entry *e)
{
	return read_domain(r, "name", value, e);
}

static bool
read_local(struct reader *r, struct text value, struct policy_entry *e)
{
	if (value.at[0] != '[')
		return read_domain(r, "local", value, e);
	if (value.at[value.n - 1] == ']' && value.n > 2 &&
	    ip_parse(text_cut(value, 1, value.n - 1), &e->network.base)) {
		e->network.bits = ip_width(e->network.base.family);
		return true;
	}
	WRONG(r, "local %.*s: not an IP address in brackets",
	    TEXT_ARG(value));
	return false;
}

/* The words an entry may begin with. */
static const struct keyword {
	const char *word;
	enum policy_kind kind;
	const char *what; /* its value */
	bool (*read)(struct reader *r, struct text value,
	    struct policy_entry *e);
} keywords[] = {
	{ "local", POLICY_LOCAL, "a domain or [ADDRESS]", read_local },
	{ "relay", POLICY_RELAY, "a domain", read_relay },
	{ "client", POLICY_CLIENT, "an address or network", read_network },
	{ "auth", POLICY_IDENTITY, "an identity, *@REALM or *", read_word },
	{ "cert", POLICY_CERTIFICATE, "the subject of a certificate",
	    read_word },
	{ "name", POLICY_NAME, "a client's host name", read_name },
	{ "forwarder", POLICY_FORWARDER, "an address or network",
	    read_network },
};
static const char *const keyword_words[] = { "local", "relay", "client",
	"auth", "cert", "name", "forwarder", "deny", NULL };

static const struct keyword *
find_keyword(struct reader *r, struct text word)
{
	char hint[WORD_HINT_MAX];
	size_t i;

	for (i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (text_equal(word, text_of(keywords[i].word)))
			return &keywords[i];
	WRONG(r, "unknown word %.*s%s; an entry begins with local, relay, "
	    "client, auth, cert, name, forwarder or deny", TEXT_ARG(word),
	    word_hint(word, keyword_words, hint));
	return NULL;
}

static bool
read_until(struct reader *r, struct text *rest, struct policy_entry *e)
{
	struct text word = line_word(rest);
	struct text date = text_cut(word, 6, word.n);

	if (e->until != 0)
		WRONG(r, "until= given twice");
	else if (policy_file_date(date, &e->until))
		return true;
	else
		WRONG(r, "until=%.*s: not a date like 2031-12-31 or "
		    "2031-12-31T12:00:00Z", TEXT_ARG(date));
	return false;
}

static bool
read_only(struct reader *r, struct text *rest, struct policy_entry *e)
{
	struct text word = line_word(rest);

	if (e->only.at != NULL)
		WRONG(r, "only= given twice");
	else if (e->kind == POLICY_LOCAL || e->kind == POLICY_RELAY ||
	    e->kind == POLICY_FORWARDER)
		WRONG(r, "only= belongs to client, auth, cert and name");
	else if (e->action == POLICY_DENY)
		WRONG(r, "only= has no meaning with deny");
	else if (word.n == 5)
		WRONG(r, "only= must be followed by domains");
	else {
		e->only = text_cut(word, 5, word.n);
		return true;
	}
	return false;
}

static bool
read_note(struct reader *r, struct text *rest, struct policy_entry *e)
{
	struct text note = text_cut(*rest, 5, rest->n);
	size_t end;

	if (e->note.at != NULL) {
		WRONG(r, "note= given twice");
		return false;
	}
	if (note.n == 0 || note.at[0] != '"') {
		WRONG(r, "note= must be followed by text in double quotes");
		return false;
	}
	note = text_cut(note, 1, note.n);
	end = text_find(note, '"');
	*rest = text_cut(note, end, note.n);
	e->note = text_cut(note, 0, end);
	if (end == note.n) {
		WRONG(r, "the quote after note= does not end on this line");
		return false;
	}
	*rest = text_cut(*rest, 1, rest->n);
	if (rest->n > 0 && !text_is_blank(rest->at[0])) {
		WRONG(r, "text behind the closing quote of note=");
		return false;
	}
	return true;
}

static bool
read_attributes(struct reader *r, struct text rest, struct policy_entry *e)
{
	static const char *const words[] = { "until=", "only=", "note=",
		NULL };
	char hint[WORD_HINT_MAX];
	struct text word;
	bool good = true;

	while (good) {
		rest = text_trim(rest);
		if (text_begins(rest, TEXT("until="))) {
			good = read_until(r, &rest, e);
		} else if (text_begins(rest, TEXT("only="))) {
			good = read_only(r, &rest, e);
		} else if (text_begins(rest, TEXT("note="))) {
			good = read_note(r, &rest, e);
		} else {
			word = next_word(&rest);
			if (word.n == 0)
				break;
			word.n = text_find(word, '=');
			WRONG(r, "unknown attribute %.*s%s; an entry ends in "
			    "until=DATE, only=DOMAINS or note=\"TEXT\"",
			    TEXT_ARG(word),
			    word_hint(word, words, hint));
			good = false;
		}
	}
	return good;
}

static enum policy_error
add_entry(struct reader *r, const char *word, struct text value,
    const struct policy_entry *e)
{
	unsigned earlier = 0;
	enum policy_error error = policy_add(r->builder, e, &earlier);

	switch (error) {
	case POLICY_OK:
		break;
	case POLICY_DUPLICATE:
		WRONG(r, "%s %.*s: given before, on line %u", word,
		    TEXT_ARG(value), earlier);
		break;
	case POLICY_TOP_LEVEL:
		WRONG(r, "%s %.*s: %s; name the domains you serve", word,
		    TEXT_ARG(value), policy_error_text(error));
		break;
	case POLICY_BAD_ONLY:
		WRONG(r, "only=%.*s: %s", TEXT_ARG(e->only),
		    policy_error_text(error));
		break;
	case POLICY_WHOLE_NET:
		WRONG(r, "%s %.*s: %s; %s", word, TEXT_ARG(value),
		    policy_error_text(error), e->kind == POLICY_FORWARDER ?
		    "nobody would be asked about" :
		    "that would be an open relay");
		break;
	default:
		WRONG(r, "%s %.*s: %s", word, TEXT_ARG(value),
		    policy_error_text(error));
		break;
	}
	return error;
}

static void
read_line(struct reader *r, unsigned source, struct text line)
{
	struct policy_entry e = { .source = source, .line = r->line };
	struct text word = next_word(&line), value;
	const struct keyword *k;

	if (word.n == 0)
		return;
	if (text_equal(word, TEXT("deny"))) {
		e.action = POLICY_DENY;
		word = next_word(&line);
	}
	k = find_keyword(r, word);
	if (k == NULL)
		return;
	value = next_word(&line);
	if (value.n == 0) {
		WRONG(r, "%s must be followed by %s", k->word, k->what);
		return;
	}
	e.kind = k->kind;
	if (k->read(r, value, &e) && read_attributes(r, line, &e))
		add_entry(r, k->word, value, &e);
}

enum policy_error
policy_file_add(struct policy_builder *b, struct policy_entry *e,
    struct text value, const char *name, struct complaints *c)
{
	struct reader r = { name, e->line, b, c };
	const struct keyword *k = keywords;

	while (k->kind != e->kind)
		k++;
	if (!k->read(&r, value, e))
		return POLICY_BAD_DOMAIN;
	return add_entry(&r, k->word, value, e);
}

void
policy_file_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c)
{
	struct reader r = { name, 0, b, c };
	struct lines lines = lines_of(content);
	struct text line;
	unsigned source;
	enum policy_error error = policy_source(b, text_of(name), &source);

	if (error != POLICY_OK) {
		WRONG(&r, "%s", policy_error_text(error));
		return;
	}
	while (lines_next(&lines, &line)) {
		r.line = lines.number;
		if (line_is_clean(line, name, r.line, c))
			read_line(&r, source, line);
	}
}

void
policy_file_record(struct text lines, const char *name, unsigned source,
    unsigned number, struct policy_builder *b, struct complaints *c)
{
	struct reader r = { name, number, b, c };
	struct lines walk = lines_of(lines);
	struct text line;

	while (lines_next(&walk, &line))
		read_line(&r, source, line);
}
