/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/dns_server.h"

/* 1 to 65535, without a leading zero. */
static bool
read_port(struct text s, unsigned *port)
{
	size_t i;

	if (s.n == 0 || s.n > 5 || s.at[0] == '0')
		return false;
	*port = 0;
	for (i = 0; i < s.n; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		*port = *port * 10 + (unsigned)(s.at[i] - '0');
	}
	return *port <= 65535;
}

/* Cut ":PORT" off, where there is one; false when it is wrong. */
static bool
split_port(struct text *s, unsigned *port)
{
	size_t colon = text_find(*s, ':'), close = text_find(*s, ']');
	struct text rest;

	*port = DNS_PORT;
	if (s->n > 0 && s->at[0] == '[') {
		if (close == s->n)
			return false;
		rest = text_cut(*s, close + 1, s->n);
		*s = text_cut(*s, 1, close);
		/* only an IPv6 address has brackets */
		if (text_find(*s, ':') == s->n)
			return false;
	} else if (colon < s->n &&
	    text_find(text_cut(*s, colon + 1, s->n), ':') == s->n - colon - 1) {
		rest = text_cut(*s, colon, s->n);
		*s = text_cut(*s, 0, colon);
	} else {
		return true;
	}
	return rest.n == 0 || (rest.at[0] == ':' &&
	    read_port(text_cut(rest, 1, rest.n), port));
}

bool
dns_server_parse(struct text s, struct dns_server *out)
{
	/* what sendmail writes before an address is no part of ours */
	return !text_begins(s, TEXT("IPv6:")) &&
	    !text_begins(s, TEXT("[IPv6:")) && split_port(&s, &out->port) &&
	    ip_parse(s, &out->address);
}
