/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spf_stock.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "milter/ask/spf_name.h"
#include "milter/clock.h"
#include "policy/domain.h"

#define DEFAULT_WORDS "DEFAULT"

struct spf_stock {
	SPF_dns_server_t layer;
	SPF_server_t *server;
};

static void
put(SPF_dns_rr_t *rr, const void *at, size_t n)
{
	int i = rr->num_rr++;
	size_t room = n + 1 > sizeof(SPF_dns_rr_data_t) ? n + 1 :
	    sizeof(SPF_dns_rr_data_t);

	if (SPF_dns_rr_buf_realloc(rr, i, room) != SPF_E_SUCCESS)
		abort();
	if (n > 0)
		memcpy(rr->rr[i], at, n);
	((char *)rr->rr[i])[n] = '\0';
}

static SPF_dns_stat_t
status_of(const struct dns_answer *a)
{
	switch (dns_answer_status(a)) {
	case DNS_FOUND:
		return NETDB_SUCCESS;
	case DNS_NO_NAME:
		return HOST_NOT_FOUND;
	case DNS_NO_DATA:
		return NO_DATA;
	default:
		return TRY_AGAIN;
	}
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *layer, const char *name, ns_type type, int cache)
{
	const struct spf_dns *dns = layer->hook;
	char fitted[DOMAIN_MAX];
	struct dns_answer *a;
	SPF_dns_rr_t *rr;
	size_t i;

	(void)cache;
	if (type == 99)
		return SPF_dns_rr_new_init(layer, name, type, 0, NO_DATA);
	/* its own resolver cannot ask for it; the empty name is the root */
	if (name[0] != '\0' && spf_name_fit(text_of(name), fitted) == 0)
		return SPF_dns_rr_new_init(layer, name, type, 0, NO_RECOVERY);
	a = dns->ask(dns->with, text_of(name), (enum dns_type)type,
	    clock_ms() + 20000);
	rr = SPF_dns_rr_new_init(layer, name, type, 0, status_of(a));
	for (i = 0; i < dns_answer_count(a); i++) {
		const struct dns_record *r = dns_answer_at(a, i);

		if (type == ns_t_a)
			put(rr, r->address.byte, 4);
		else if (type == ns_t_aaaa)
			put(rr, r->address.byte, 16);
		else if (type == ns_t_txt)
			put(rr, r->txt.at, r->txt.n);
		else
			put(rr, r->name.at, r->name.n);
	}
	dns_answer_free(a);
	return rr;
}

static char *
word(struct text t)
{
	char *out = strndup(t.n > 0 ? t.at : "", t.n);

	if (out == NULL)
		abort();
	return out;
}

static void
set_client(SPF_request_t *request, const char *client)
{
	if (strchr(client, ':') != NULL)
		SPF_request_set_ipv6_str(request, client);
	else
		SPF_request_set_ipv4_str(request, client);
}

static enum spf_result
result_of(SPF_result_t result, SPF_errcode_t error)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return SPF_NONE;
	case SPF_RESULT_TEMPERROR:
		return SPF_TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return SPF_PERMERROR;
	default:
		return error == SPF_E_DNS_ERROR || error == SPF_E_NO_MEMORY ?
		    SPF_TEMPERROR : SPF_PERMERROR;
	}
}

/* Its remarks would go to standard output. */
static void
on_remark(const char *file, int line, const char *words)
{
	(void)file;
	(void)line;
	(void)words;
}

struct spf_stock *
spf_stock_new(const struct spf_dns *dns, struct text host)
{
	struct spf_stock *s = calloc(1, sizeof *s);
	SPF_response_t *response = NULL;
	char *name = word(host);

	if (s == NULL)
		abort();
	SPF_warning_handler = on_remark;
	SPF_info_handler = on_remark;
	SPF_debug_handler = on_remark;
	s->layer = (SPF_dns_server_t){ .lookup = lookup, .name = "test" };
	if (dns != NULL) {
		s->layer.hook = (void *)(uintptr_t)dns;
		s->server = SPF_server_new_dns(&s->layer, 0);
	} else {
		s->server = SPF_server_new(SPF_DNS_CACHE, 0);
	}
	SPF_server_set_rec_dom(s->server, name);
	SPF_server_set_explanation(s->server, DEFAULT_WORDS, &response);
	SPF_response_free(response);
	free(name);
	return s;
}

void
spf_stock_free(struct spf_stock *s)
{
	SPF_server_free(s->server);
	free(s);
}

enum spf_result
spf_stock_ask(struct spf_stock *s, const struct spf_question *q,
    struct text ip, char *explanation, size_t cap)
{
	SPF_request_t *request = SPF_request_new(s->server);
	SPF_response_t *response = NULL;
	char *helo = word(q->helo), *sender = word(q->sender);
	char *client = word(ip);
	const char *words;
	enum spf_result result;
	SPF_errcode_t error;

	set_client(request, client);
	SPF_request_set_helo_dom(request, helo);
	SPF_request_set_env_from(request, sender);
	error = SPF_request_query_mailfrom(request, &response);
	result = result_of(SPF_response_result(response), error);
	words = SPF_response_get_explanation(response);
	snprintf(explanation, cap, "%s", words == NULL ||
	    strcmp(words, DEFAULT_WORDS) == 0 ? "" : words);
	SPF_response_free(response);
	SPF_request_free(request);
	free(helo);
	free(sender);
	free(client);
	return result;
}

enum spf_result
spf_stock_check(const struct spf_dns *dns, const struct spf_question *q,
    struct text ip, char *explanation, size_t cap)
{
	struct spf_stock *s = spf_stock_new(dns, q->host);
	enum spf_result result = spf_stock_ask(s, q, ip, explanation, cap);

	spf_stock_free(s);
	return result;
}
