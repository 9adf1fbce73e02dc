/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spf_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "milter/ask/dns_answer.h"
#include "milter/clock.h"
#include "policy/domain.h"

#define CHAIN_MAX 10

static char *
copy(struct text t)
{
	char *out = malloc(t.n + 1);

	if (out == NULL)
		abort();
	if (t.n > 0)
		memcpy(out, t.at, t.n);
	out[t.n] = '\0';
	return out;
}

void
spf_zone_add(struct spf_zone *z, struct text name, struct text type,
    struct text value)
{
	if (z->lines == z->room) {
		z->room = z->room * 2 + 16;
		z->line = realloc(z->line, z->room * sizeof *z->line);
		if (z->line == NULL)
			abort();
	}
	name.n -= name.n > 0 && name.at[name.n - 1] == '.';
	z->line[z->lines++] = (struct zone_line){ copy(name), copy(type),
		copy(value), value.n };
}

void
spf_zone_clear(struct spf_zone *z)
{
	while (z->lines > 0) {
		z->lines--;
		free(z->line[z->lines].name);
		free(z->line[z->lines].type);
		free(z->line[z->lines].value);
	}
	free(z->line);
	z->line = NULL;
	z->room = 0;
	z->asked = 0;
}

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {
	{ "A", DNS_A }, { "PTR", DNS_PTR }, { "MX", DNS_MX },
	{ "TXT", DNS_TXT }, { "AAAA", DNS_AAAA },
};

static const char *
type_name(enum dns_type type)
{
	size_t i = 0;

	while (types[i].type != type)
		i++;
	return types[i].name;
}

static struct text
lower(struct text name, char *out)
{
	size_t i, n = name.n < DOMAIN_MAX ? name.n : DOMAIN_MAX;

	n -= n > 0 && name.at[n - 1] == '.';
	for (i = 0; i < n; i++)
		out[i] = text_lower(name.at[i]);
	return (struct text){ out, n };
}

static void
add_record(struct dns_answer *a, enum dns_type type,
    const struct zone_line *line)
{
	struct dns_record record = { .type = type };
	struct text value = { line->value, line->n };
	char folded[DOMAIN_MAX];

	if (type == DNS_A || type == DNS_AAAA) {
		ip_parse(value, &record.address);
		/* what is mapped is an AAAA nevertheless */
		if (type == DNS_AAAA && record.address.family == IP_V4)
			record.address.family = IP_NONE;
	} else if (type == DNS_TXT) {
		record.txt = value;
	} else {
		if (type == DNS_MX) {
			record.preference = (unsigned)atoi(line->value);
			value = text_trim(text_cut(value, text_find(value,
			    ' '), value.n));
		}
		/* a host in the DNS may have any byte in its name */
		record.name = lower(value, folded);
	}
	if (!dns_answer_add(a, &record))
		abort();
}

static struct dns_answer *
look_up(const struct spf_zone *z, struct text name, enum dns_type type,
    unsigned hops)
{
	struct dns_answer *a = dns_answer_new(DNS_FOUND, 300);
	struct dns_answer *other;
	bool exists = false, silent = false;
	size_t i;

	for (i = 0; i < z->lines; i++) {
		const struct zone_line *line = &z->line[i];

		if (!text_same(text_of(line->name), name))
			continue;
		exists = true;
		if (strcmp(line->type, type_name(type)) == 0)
			add_record(a, type, line);
		silent = silent || (strcmp(line->type, "TIMEOUT") == 0 &&
		    (line->n == 0 || strcmp(line->value, type_name(type)) == 0));
		if (strcmp(line->type, "CNAME") == 0 && hops < CHAIN_MAX) {
			dns_answer_free(a);
			name = text_of(line->value);
			name.n -= name.n > 0 && name.at[name.n - 1] == '.';
			return look_up(z, name, type, hops + 1);
		}
	}
	if (dns_answer_count(a) > 0)
		return a;
	dns_answer_free(a);
	other = dns_answer_new(silent ? DNS_UNKNOWN : exists ? DNS_NO_DATA :
	    DNS_NO_NAME, 60);
	dns_answer_blame(other, silent ? DNS_SILENT : DNS_NO_TROUBLE);
	return other;
}

struct dns_answer *
spf_zone_ask(void *with, struct text name, enum dns_type type,
    int64_t deadline_ms)
{
	struct spf_zone *z = with;

	(void)deadline_ms;
	z->asked++;
	name.n -= name.n > 0 && name.at[name.n - 1] == '.';
	return look_up(z, name, type, 0);
}

bool
spf_zone_line(struct spf_zone *z, const struct vector *v)
{
	if (text_equal(v->field[0], TEXT("test")))
		return true;
	if (text_equal(v->field[0], TEXT("scenario")))
		spf_zone_clear(z);
	else if (v->n == 4 && text_equal(v->field[0], TEXT("zone")))
		spf_zone_add(z, v->field[1], v->field[2], v->field[3]);
	else
		abort();
	return false;
}

struct spf_question
spf_zone_question(const struct vector *v)
{
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = v->field[3], .sender = v->field[4],
		.host = TEXT("receiver.example") };

	ip_parse(v->field[2], &q.client);
	q.deadline_ms = clock_ms() + 20000;
	return q;
}

bool
spf_zone_allows(const struct vector *v, enum spf_result result)
{
	struct text rest = v->field[5];

	while (rest.n > 0) {
		size_t n = text_find(rest, ',');

		if (text_equal(text_cut(rest, 0, n),
		    text_of(spf_result_name(result))))
			return true;
		rest = text_cut(rest, n + (n < rest.n), rest.n);
	}
	return false;
}

bool
spf_zone_explains(const struct vector *v, const char *explanation)
{
	struct text wanted = v->field[6];

	return text_equal(wanted, TEXT("*")) ||
	    text_equal(wanted, text_of(explanation[0] != '\0' ? explanation :
	    "DEFAULT"));
}
