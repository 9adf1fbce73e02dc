/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/packed.h"

#include "policy/domain.h"

static enum policy_error
pack_domain(const struct policy_entry *in, struct packed *out)
{
	bool whole = in->kind != POLICY_LOCAL || in->span != SPAN_SELF;

	if (text_equal(in->value, TEXT(".")))
		return POLICY_TOP_LEVEL;
	out->n = domain_fold(in->value, out->byte);
	if (out->n == 0)
		return POLICY_BAD_DOMAIN;
	if (whole && domain_is_single_label((struct text){ out->byte, out->n }))
		return POLICY_TOP_LEVEL;
	return POLICY_OK;
}

static enum policy_error
pack_network(const struct network *net, struct packed *out)
{
	size_t bytes = ip_width(net->base.family) / 8;

	if (net->bits == 0)
		return POLICY_WHOLE_NET;
	out->byte[0] = (char)net->bits;
	memcpy(out->byte + 1, net->base.byte, bytes);
	out->n = 1 + bytes;
	return POLICY_OK;
}

/* A star stands alone or before "@realm", or it would match nothing. */
static bool
is_identity(struct text s)
{
	if (s.n == 0 || s.n > PACKED_MAX)
		return false;
	if (text_equal(s, TEXT("*")))
		return true;
	if (text_begins(s, TEXT("*@")) && s.n > 2)
		s = text_cut(s, 1, s.n);
	return text_find(s, '*') == s.n;
}

static bool
is_subject(struct text s)
{
	return s.n > 1 && s.n <= PACKED_MAX && s.at[0] == '/';
}

static enum policy_error
pack_word(struct text word, struct packed *out)
{
	memcpy(out->byte, word.at, word.n);
	out->n = word.n;
	return POLICY_OK;
}

enum policy_error
packed_value(const struct policy_entry *in, struct packed *out)
{
	if (policy_is_network(in->kind) || in->network.base.family != IP_NONE)
		return pack_network(&in->network, out);
	if (in->kind == POLICY_IDENTITY)
		return is_identity(in->value) ? pack_word(in->value, out) :
		    POLICY_BAD_IDENTITY;
	if (in->kind == POLICY_CERTIFICATE)
		return is_subject(in->value) ? pack_word(in->value, out) :
		    POLICY_BAD_SUBJECT;
	return pack_domain(in, out);
}
