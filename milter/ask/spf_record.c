/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_record.h"

#include <arpa/inet.h>

#include "milter/ask/spf_macro.h"

#define VERSION "v=spf1"

static const struct {
	struct text name;
	enum spf_term_kind kind;
} mechanisms[] = {
	{ { "all", 3 }, SPF_TERM_ALL },
	{ { "include", 7 }, SPF_TERM_INCLUDE },
	{ { "a", 1 }, SPF_TERM_A },
	{ { "mx", 2 }, SPF_TERM_MX },
	{ { "ptr", 3 }, SPF_TERM_PTR },
	{ { "ip4", 3 }, SPF_TERM_IP },
	{ { "ip6", 3 }, SPF_TERM_IP },
	{ { "exists", 6 }, SPF_TERM_EXISTS },
};

static bool
is_alpha(char c)
{
	c = text_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
spf_record_is(struct text txt)
{
	return text_begins(txt, TEXT(VERSION)) &&
	    (txt.n == strlen(VERSION) || txt.at[strlen(VERSION)] == ' ');
}

/* ------------------------------------------------------------- one term */

/* A prefix length: no leading zero, at most max. */
static bool
parse_bits(struct text s, unsigned max, unsigned *out)
{
	size_t i;

	*out = 0;
	if (s.n == 0 || s.n > 3 || (s.n > 1 && s.at[0] == '0'))
		return false;
	for (i = 0; i < s.n; i++) {
		if (!is_digit(s.at[i]))
			return false;
		*out = *out * 10 + (unsigned)(s.at[i] - '0');
	}
	return *out <= max;
}

/*
 * Take "/BITS", "//BITS" or "/BITS//BITS" off the end of s (dual-cidr-length,
 * 5.6).  A slash may stand in a domain-spec too, so it is found from behind.
 */
static const char *
take_dual_bits(struct text *s, struct spf_term *t)
{
	size_t end = s->n, slash, next;
	struct text bits;

	t->bits4 = 32;
	t->bits6 = 128;
	while (end > 0 && (is_digit(s->at[end - 1]) || s->at[end - 1] == '/'))
		end--;
	slash = end + text_find(text_cut(*s, end, s->n), '/');
	if (slash == s->n)
		return NULL;
	bits = text_cut(*s, slash + 1, s->n);
	*s = text_cut(*s, 0, slash);
	next = text_find(bits, '/');
	if (next > 0 && !parse_bits(text_cut(bits, 0, next), 32, &t->bits4))
		return "bad IPv4 prefix length";
	if (next == bits.n)
		return next > 0 ? NULL : "bad prefix length";
	/* "//BITS" has lost its first slash above */
	next += next > 0;
	if (next == bits.n || bits.at[next] != '/' ||
	    !parse_bits(text_cut(bits, next + 1, bits.n), 128, &t->bits6))
		return "bad IPv6 prefix length";
	return NULL;
}

/* ip4:ADDRESS[/BITS], ip6:ADDRESS[/BITS]; s is what stands behind the colon. */
static const char *
parse_ip(struct text s, bool six, struct spf_term *t)
{
	char copy[IP_TEXT_MAX];
	size_t slash = text_find(s, '/');
	struct ip *ip = &t->network.base;

	ip->family = six ? IP_V6 : IP_V4;
	t->network.bits = ip_width(ip->family);
	if (slash == 0 || slash >= sizeof copy)
		return "bad address";
	memcpy(copy, s.at, slash);
	copy[slash] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, copy, ip->byte) != 1)
		return "bad address";
	if (slash < s.n && !parse_bits(text_cut(s, slash + 1, s.n),
	    t->network.bits, &t->network.bits))
		return "bad prefix length";
	return NULL;
}

/* What stands behind the name; must: the domain cannot be left out. */
static const char *
parse_domain(struct text s, bool must, struct spf_term *t)
{
	if (s.n == 0 && !must)
		return NULL;
	if (s.n == 0 || s.at[0] != ':')
		return must ? "no domain" : "unknown mechanism";
	t->domain = text_cut(s, 1, s.n);
	return spf_macro_domain_valid(t->domain) ? NULL : "bad domain";
}

static const char *
parse_rest(struct text rest, struct text name, struct spf_term *t)
{
	const char *wrong;

	switch (t->kind) {
	case SPF_TERM_ALL:
		return rest.n > 0 ? "all with something behind it" : NULL;
	case SPF_TERM_IP:
		if (rest.n == 0 || rest.at[0] != ':')
			return "no address";
		return parse_ip(text_cut(rest, 1, rest.n), name.at[2] == '6',
		    t);
	case SPF_TERM_A:
	case SPF_TERM_MX:
		wrong = take_dual_bits(&rest, t);
		return wrong != NULL ? wrong : parse_domain(rest, false, t);
	case SPF_TERM_PTR:
		return parse_domain(rest, false, t);
	default:
		return parse_domain(rest, true, t);
	}
}

static const char *
parse_mechanism(struct text s, struct spf_term *t)
{
	size_t i, n = 0;

	t->qualifier = '+';
	if (text_find(TEXT("+-~?"), s.at[0]) < 4) {
		t->qualifier = s.at[0];
		s = text_cut(s, 1, s.n);
	}
	while (n < s.n && (is_alpha(s.at[n]) || is_digit(s.at[n])))
		n++;
	for (i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
		if (!text_same(text_cut(s, 0, n), mechanisms[i].name))
			continue;
		t->kind = mechanisms[i].kind;
		return parse_rest(text_cut(s, n, s.n), mechanisms[i].name, t);
	}
	return "unknown mechanism";
}

/* name=value; n is the length of the name. */
static const char *
parse_modifier(struct text s, size_t n, struct spf_term *t)
{
	struct text name = text_cut(s, 0, n);

	t->domain = text_cut(s, n + 1, s.n);
	t->kind = text_same(name, TEXT("redirect")) ? SPF_TERM_REDIRECT :
	    text_same(name, TEXT("exp")) ? SPF_TERM_EXP : SPF_TERM_OTHER;
	if (t->kind == SPF_TERM_OTHER)
		return spf_macro_valid(t->domain, false) ? NULL :
		    "bad macro in a modifier";
	return spf_macro_domain_valid(t->domain) ? NULL : "bad domain";
}

/* The length of a modifier's name, or 0 when s is no modifier. */
static size_t
modifier_name(struct text s)
{
	size_t n = 0;

	if (!is_alpha(s.at[0]))
		return 0;
	while (n < s.n && (is_alpha(s.at[n]) || is_digit(s.at[n]) ||
	    text_find(TEXT("-_."), s.at[n]) < 3))
		n++;
	return n < s.n && s.at[n] == '=' ? n : 0;
}

static const char *
parse_term(struct text s, struct spf_term *t)
{
	size_t n;

	*t = (struct spf_term){ .text = s };
	if (s.n > SPF_TERM_MAX)
		return "term too long";
	n = modifier_name(s);
	return n > 0 ? parse_modifier(s, n, t) : parse_mechanism(s, t);
}

/* ---------------------------------------------------------- the record */

/* Cut the next word off rest; false at its end. */
static bool
next_word(struct text *rest, struct text *word)
{
	size_t from = 0, n;

	while (from < rest->n && rest->at[from] == ' ')
		from++;
	*rest = text_cut(*rest, from, rest->n);
	n = text_find(*rest, ' ');
	*word = text_cut(*rest, 0, n);
	*rest = text_cut(*rest, n, rest->n);
	return word->n > 0;
}

static const char *
keep_modifier(const struct spf_term *t, struct spf_record *out)
{
	struct spf_term *place = t->kind == SPF_TERM_REDIRECT ?
	    &out->redirect : &out->exp;

	if (t->kind != SPF_TERM_REDIRECT && t->kind != SPF_TERM_EXP)
		return NULL;
	if (place->kind != SPF_TERM_NONE)
		return "a modifier that may stand but once";
	*place = *t;
	return NULL;
}

/* The first byte that is not printable ASCII, and all behind it. */
static struct text
not_ascii(struct text s)
{
	size_t i = 0;

	while (i < s.n && s.at[i] >= 0x20 && s.at[i] <= 0x7e)
		i++;
	return text_cut(s, i, s.n);
}

bool
spf_record_parse(struct text txt, struct spf_record *out,
    struct spf_flaw *flaw)
{
	struct text rest, word;
	struct spf_term t;

	*out = (struct spf_record){ .redirect = { .kind = SPF_TERM_NONE } };
	*flaw = (struct spf_flaw){ .term = txt };
	flaw->words = "not an SPF record";
	if (!spf_record_is(txt))
		return false;
	flaw->words = "not plain ASCII";
	flaw->term = not_ascii(txt);
	if (flaw->term.n > 0)
		return false;
	out->terms = text_cut(txt, strlen(VERSION), txt.n);
	for (rest = out->terms; next_word(&rest, &word);) {
		flaw->term = word;
		flaw->words = parse_term(word, &t);
		if (flaw->words == NULL)
			flaw->words = keep_modifier(&t, out);
		if (flaw->words != NULL)
			return false;
	}
	flaw->words = NULL;
	return true;
}

bool
spf_record_next(struct text *rest, struct spf_term *out)
{
	struct text word;

	if (!next_word(rest, &word))
		return false;
	parse_term(word, out);
	return true;
}

static bool
asks_dns(enum spf_term_kind kind)
{
	return kind == SPF_TERM_INCLUDE || kind == SPF_TERM_A ||
	    kind == SPF_TERM_MX || kind == SPF_TERM_PTR ||
	    kind == SPF_TERM_EXISTS;
}

size_t
spf_record_plan(const struct spf_record *r, const struct ip *client,
    size_t queries, struct spf_term *out)
{
	struct text rest = r->terms;
	size_t n = 0;

	while (n < queries && spf_record_next(&rest, &out[n])) {
		struct spf_term *t = &out[n];

		if (asks_dns(t->kind))
			n++;
		else if (t->kind == SPF_TERM_ALL || (t->kind == SPF_TERM_IP &&
		    network_contains(&t->network, client)))
			return n + 1;
	}
	if (n < queries)
		out[n] = r->redirect;
	else
		out[n] = (struct spf_term){ .kind = SPF_TERM_NONE };
	return n + 1;
}
