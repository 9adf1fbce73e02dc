/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_header.h"

#include "policy/escape.h"

/* Fold before this column; RFC 5322 2.1.1 wants lines of 78 at most. */
#define WIDTH 76
/* A word that came from outside: cut here, and twice that when quoted. */
#define WORD_MAX 256

/* A text that grows, and the column it is at. */
struct field {
	char *at;
	size_t n, column;
};

static void
put(struct field *f, const char *at, size_t n)
{
	if (n >= SPF_HEADER_MAX - f->n)
		return; /* a word too many; there is room for all we write */
	memcpy(f->at + f->n, at, n);
	f->n += n;
	f->at[f->n] = '\0';
	f->column += n;
}

static void
put_words(struct field *f, const char *words)
{
	put(f, words, strlen(words));
}

/* A space, or a new line when width bytes more are too many. */
static void
space(struct field *f, size_t width)
{
	if (f->column + 1 + width <= WIDTH) {
		put(f, " ", 1);
		return;
	}
	put(f, "\n\t", 2);
	f->column = 8;
}

static bool
is_atext(char c)
{
	char lower = text_lower(c);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
	    text_find(TEXT("!#$%&'*+-/=?^_`{|}~"), c) < 19;
}

/* dot-atom (RFC 5322 3.2.3); a tspecial (RFC 2045) may not be in it. */
static bool
is_plain(struct text t)
{
	char before = '.';
	size_t i;

	for (i = 0; i < t.n; i++) {
		bool dot = t.at[i] == '.';

		if ((dot && before == '.') || (!dot && (!is_atext(t.at[i]) ||
		    t.at[i] == '/' || t.at[i] == '=' || t.at[i] == '?')))
			return false;
		before = t.at[i];
	}
	return before != '.';
}

/* t printable, with a backslash before each byte of special, into out. */
static struct text
guarded(struct text t, struct text special, char *out)
{
	char plain[WORD_MAX];
	size_t i, n = 0, length = escape_text(t, plain, sizeof plain);

	for (i = 0; i < length; i++) {
		if (text_find(special, plain[i]) < special.n)
			out[n++] = '\\';
		out[n++] = plain[i];
	}
	return (struct text){ out, n };
}

/* A value: as it is, or as a quoted-string. */
static struct text
value_of(struct text t, char *out)
{
	struct text inner;

	if (t.n < WORD_MAX && is_plain(t)) {
		memcpy(out, t.at, t.n);
		return (struct text){ out, t.n };
	}
	inner = guarded(t, TEXT("\"\\"), out + 1);
	out[0] = '"';
	out[inner.n + 1] = '"';
	return (struct text){ out, inner.n + 2 };
}

#define VALUE_MAX (2 * WORD_MAX + 2)

static void
put_pair(struct field *f, const char *key, struct text t, const char *end)
{
	char room[VALUE_MAX];
	struct text value = value_of(t, room);

	space(f, strlen(key) + 1 + value.n + strlen(end));
	put_words(f, key);
	put(f, "=", 1);
	put(f, value.at, value.n);
	put_words(f, end);
}

/* Words of an outcome, if any: escaped once already. */
static void
put_outcome(struct field *f, const char *key, const char *words)
{
	char raw[SPF_WORDS_MAX];

	if (words[0] != '\0')
		put_pair(f, key, (struct text){ raw,
			unescape_text(text_of(words), raw) }, ";");
}

static bool
is_mail_from(const struct spf_checked *c)
{
	return c->question.identity == SPF_MAIL_FROM &&
	    c->question.sender.n > 0;
}

/* The domain that was looked under. */
static struct text
domain_of(const struct spf_checked *c)
{
	struct text s = is_mail_from(c) ? c->question.sender :
	    c->question.helo;
	size_t at = s.n;

	while (at > 0 && s.at[at - 1] != '@')
		at--;
	return text_cut(s, at, s.n);
}

/* The words of a comment around the domain and the address: RFC 7208 9.1. */
static void
words_of(enum spf_result result, const char **before, const char **between)
{
	*before = "domain of ";
	switch (result) {
	case SPF_PASS:
		*between = " designates ";
		break;
	case SPF_FAIL:
		*between = " does not designate ";
		break;
	case SPF_SOFTFAIL:
		*before = "transitioning domain of ";
		*between = " does not designate ";
		break;
	case SPF_NEUTRAL:
		*between = " neither permits nor denies ";
		break;
	case SPF_NONE:
		*between = " says nothing about ";
		break;
	default:
		*before = "error in the record of ";
		*between = ", client ";
		break;
	}
}

static bool
ends_in_permitted(enum spf_result result)
{
	return result == SPF_PASS || result == SPF_FAIL ||
	    result == SPF_SOFTFAIL;
}

static void
put_comment(struct field *f, const struct spf_checked *c)
{
	char domain[2 * WORD_MAX], host[2 * WORD_MAX], ip[IP_TEXT_MAX];
	struct text special = TEXT("()\\"), name;
	const char *before, *between;

	words_of(c->outcome.result, &before, &between);
	name = guarded(c->question.host, special, host);
	put(f, "(", 1);
	put(f, name.at, name.n);
	put(f, ":", 1);
	name = guarded(domain_of(c), special, domain);
	space(f, WIDTH);
	put_words(f, before);
	put(f, name.at, name.n);
	put_words(f, between);
	put_words(f, ip_print(&c->question.client, ip));
	if (ends_in_permitted(c->outcome.result)) {
		space(f, strlen("as permitted sender)"));
		put_words(f, "as permitted sender");
	}
	put_words(f, ")");
}

size_t
spf_header_received(const struct spf_checked *c, char *out)
{
	struct field f = { .at = out, .column = strlen("Received-SPF: ") };
	const struct spf_outcome *o = &c->outcome;
	char ip[IP_TEXT_MAX];

	put_words(&f, spf_result_name(o->result));
	space(&f, WIDTH / 2);
	put_comment(&f, c);
	put_pair(&f, "client-ip", text_of(ip_print(&c->question.client, ip)),
	    ";");
	if (is_mail_from(c))
		put_pair(&f, "envelope-from", c->question.sender, ";");
	put_pair(&f, "helo", c->question.helo, ";");
	put_pair(&f, "receiver", c->question.host, ";");
	put_outcome(&f, "mechanism", o->mechanism);
	put_outcome(&f, "problem", o->problem);
	put_pair(&f, "identity", is_mail_from(c) ? TEXT("mailfrom") :
	    TEXT("helo"), "");
	return f.n;
}

/* smtp.mailfrom: the address, or the domain if only that is plain (2.3). */
static void
put_property(struct field *f, const struct spf_checked *c, const char *end)
{
	struct text sender = c->question.sender, domain = domain_of(c);
	size_t local = sender.n - domain.n;
	char room[VALUE_MAX];

	if (!is_mail_from(c)) {
		put_pair(f, "smtp.helo", c->question.helo, end);
		return;
	}
	if (sender.n >= WORD_MAX || local < 2 || !is_plain(domain) ||
	    !is_plain(text_cut(sender, 0, local - 1))) {
		put_pair(f, "smtp.mailfrom", domain, end);
		return;
	}
	memcpy(room, sender.at, sender.n);
	space(f, strlen("smtp.mailfrom=") + sender.n + strlen(end));
	put_words(f, "smtp.mailfrom=");
	put(f, room, sender.n);
	put_words(f, end);
}

size_t
spf_header_results(struct text authserv_id, const struct spf_checked *c,
    size_t n, char *out)
{
	struct field f = { .at = out,
		.column = strlen("Authentication-Results: ") };
	char room[VALUE_MAX];
	struct text name = value_of(authserv_id, room);
	size_t i;

	put(&f, name.at, name.n);
	put_words(&f, ";");
	if (n == 0) {
		space(&f, 4);
		put_words(&f, "none");
	}
	for (i = 0; i < n; i++) {
		const char *result = spf_result_name(c[i].outcome.result);

		space(&f, WIDTH); /* a line for each */
		put_words(&f, "spf=");
		put_words(&f, result);
		put_property(&f, &c[i], i + 1 < n ? ";" : "");
	}
	return f.n;
}
