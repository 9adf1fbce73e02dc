/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_question.h"

#define LABEL_MAX 63
#define CLASS_IN 1
#define TYPE_OPT 41
#define RECURSION_DESIRED 1

bool
dns_question_set(struct dns_question *q, struct text name, enum dns_type type)
{
	size_t i, label = 0;

	if (name.n > 0 && name.at[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > sizeof q->name)
		return false;
	for (i = 0; i < name.n; i++) {
		q->name[i] = text_lower(name.at[i]);
		label = name.at[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || (label == 0 &&
		    (i == 0 || name.at[i - 1] == '.')))
			return false;
	}
	q->type = type;
	q->n = name.n;
	return label > 0;
}

struct text
dns_question_name(const struct dns_question *q)
{
	return (struct text){ q->name, q->n };
}

bool
dns_question_equal(const struct dns_question *a, const struct dns_question *b)
{
	return a->type == b->type &&
	    text_equal(dns_question_name(a), dns_question_name(b));
}

static uint8_t *
put_number(uint8_t *out, unsigned value)
{
	*out++ = (uint8_t)(value >> 8 & 0xff);
	*out++ = (uint8_t)(value & 0xff);
	return out;
}

static uint8_t *
put_name(uint8_t *out, struct text name)
{
	size_t label;

	for (; name.n > 0; name = text_cut(name, label, name.n)) {
		label = text_find(name, '.');
		*out++ = (uint8_t)label;
		memcpy(out, name.at, label);
		out += label;
		if (label < name.n)
			label++;
	}
	*out++ = 0;
	return out;
}

size_t
dns_question_write(const struct dns_question *q, uint16_t id, uint8_t *out)
{
	uint8_t *end = put_number(out, id);

	*end++ = RECURSION_DESIRED;
	*end++ = 0;
	end = put_number(end, 1); /* questions */
	end = put_number(end, 0);
	end = put_number(end, 0);
	end = put_number(end, 1); /* the OPT record */
	end = put_name(end, dns_question_name(q));
	end = put_number(end, q->type);
	end = put_number(end, CLASS_IN);
	*end++ = 0; /* OPT belongs to the root */
	end = put_number(end, TYPE_OPT);
	end = put_number(end, DNS_UDP_BYTES);
	memset(end, 0, 6); /* no flags, no options */
	return (size_t)(end + 6 - out);
}
