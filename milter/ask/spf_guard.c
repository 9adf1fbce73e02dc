/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_guard.h"

/* spf.h needs them and does not include them */
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "milter/ask/spf_find.h"
#include "milter/ask/spf_page.h"
#include "milter/log.h"

/*
 * libspf2 says a fault of its own by calling this and goes on to abort();
 * with our own words for input there is none that could be reached.
 */
__attribute__((noreturn)) static void
on_error(const char *file, int line, const char *words)
{
	log_say("libspf2 gave up at %s:%d: %s", file, line, words);
	abort();
}

/* The rest would go to standard output. */
static void
on_remark(const char *file, int line, const char *words)
{
	(void)file;
	(void)line;
	(void)words;
}

static void
set_handlers(void)
{
	SPF_error_handler = on_error;
	SPF_warning_handler = on_remark;
	SPF_info_handler = on_remark;
	SPF_debug_handler = on_remark;
}

static SPF_dns_stat_t
status_for_library(enum dns_status status, int n)
{
	switch (status) {
	case DNS_FOUND:
		/* it takes success without records for a fault */
		return n > 0 ? NETDB_SUCCESS : NO_DATA;
	case DNS_NO_NAME:
		return HOST_NOT_FOUND;
	case DNS_NO_DATA:
		return NO_DATA;
	default:
		return TRY_AGAIN;
	}
}

static bool
put_address(SPF_dns_rr_t *rr, const struct ip *ip)
{
	int i = rr->num_rr;

	if (SPF_dns_rr_buf_realloc(rr, i, sizeof(SPF_dns_rr_data_t)) !=
	    SPF_E_SUCCESS)
		return false;
	if (rr->rr_type == ns_t_aaaa)
		memcpy(&rr->rr[i]->aaaa, ip->byte, sizeof rr->rr[i]->aaaa);
	else
		memcpy(&rr->rr[i]->a, ip->byte, sizeof rr->rr[i]->a);
	rr->num_rr++;
	return true;
}

static bool
put_addresses(SPF_dns_rr_t *rr, const struct dns_answer *a)
{
	enum dns_type type = rr->rr_type == ns_t_aaaa ? DNS_AAAA : DNS_A;
	size_t i;

	for (i = 0; a != NULL && i < dns_answer_count(a); i++) {
		const struct dns_record *record = dns_answer_at(a, i);

		if (record->type == type && !put_address(rr, &record->address))
			return false;
	}
	return true;
}

static bool
put_hosts(SPF_dns_rr_t *rr, size_t hosts)
{
	char token[16];
	int i;

	for (i = 0; i < (int)hosts; i++) {
		int n = snprintf(token, sizeof token, "h%d.x", i);

		if (SPF_dns_rr_buf_realloc(rr, i, (size_t)n + 1) !=
		    SPF_E_SUCCESS)
			return false;
		memcpy(rr->rr[i]->mx, token, (size_t)n + 1);
		rr->num_rr++;
	}
	return true;
}

/* libspf2 asks the DNS.  NULL makes it abort: only when out of memory. */
static SPF_dns_rr_t *
lookup(SPF_dns_server_t *layer, const char *token, ns_type type, int cache)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(layer, token, type, 0,
	    TRY_AGAIN);
	struct spf_run *r = layer->hook;
	struct spf_found found;
	bool whole;

	(void)cache;
	if (rr == NULL)
		return NULL;
	spf_find(r, token, &found);
	if (found.client)
		whole = put_address(rr, &r->q->client);
	else if (type == ns_t_mx)
		whole = put_hosts(rr, found.hosts);
	else
		whole = put_addresses(rr, found.answer);
	if (!whole)
		spf_run_fail(r, SPF_TEMPERROR, "out of memory", TEXT(""));
	else
		rr->herrno = status_for_library(found.status, rr->num_rr);
	dns_answer_free(found.answer);
	return rr;
}

/* libspf2 wants the record of the start, an include or a redirect. */
static SPF_errcode_t
get_record(SPF_server_t *server, SPF_request_t *request,
    SPF_response_t *response, SPF_record_t **out)
{
	struct spf_run *r = server->resolver->hook;
	char plain[SPF_PLAIN_MAX];
	size_t n;

	*out = NULL;
	n = spf_page_plain(r, request->cur_dom, plain);
	if (n == 0)
		return SPF_E_DNS_ERROR;
	if (SPF_record_compile(server, response, out, plain) == SPF_E_SUCCESS &&
	    (*out)->num_mech == n)
		return SPF_E_SUCCESS;
	/* it drops what it cannot hold and says nothing */
	if (*out != NULL)
		SPF_record_free(*out);
	*out = NULL;
	spf_run_fail(r, SPF_TEMPERROR, "libspf2 does not take the record",
	    text_of(plain));
	return SPF_E_DNS_ERROR;
}

static SPF_request_t *
new_request(SPF_server_t *server, const struct ip *client)
{
	SPF_request_t *request = SPF_request_new(server);
	struct in6_addr six;
	struct in_addr four;

	if (request == NULL)
		return NULL;
	memcpy(&six, client->byte, sizeof six);
	memcpy(&four, client->byte, sizeof four);
	if (client->family == IP_V6)
		SPF_request_set_ipv6(request, six);
	else
		SPF_request_set_ipv4(request, four);
	if (SPF_request_set_env_from(request, "t0.x") == SPF_E_SUCCESS)
		return request;
	SPF_request_free(request);
	return NULL;
}

static enum spf_result
result_of(struct spf_run *r, SPF_result_t result)
{
	if (r->state == SPF_FAILED)
		return r->out->result;
	switch (result) {
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	default:
		/* every error is ours and known, but for want of memory */
		spf_run_fail(r, SPF_TEMPERROR, "out of memory", TEXT(""));
		return SPF_TEMPERROR;
	}
}

enum spf_result
spf_guard_evaluate(struct spf_run *r)
{
	static pthread_once_t handlers = PTHREAD_ONCE_INIT;
	char word[] = "guard";
	SPF_dns_server_t layer = { .lookup = lookup, .get_spf = get_record,
		.name = word, .hook = r };
	/* the limits are kept by spf_find(), over the whole check */
	SPF_server_t server = { .resolver = &layer, .rec_dom = word,
		.max_dns_mech = INT_MAX, .max_dns_ptr = SPF_HOSTS_MAX,
		.max_dns_mx = SPF_HOSTS_MAX };
	SPF_request_t *request;
	SPF_response_t *response = NULL;
	SPF_result_t result = SPF_RESULT_INVALID;

	pthread_once(&handlers, set_handlers);
	request = new_request(&server, &r->q->client);
	if (request != NULL)
		SPF_request_query_mailfrom(request, &response);
	if (response != NULL) {
		result = SPF_response_result(response);
		SPF_response_free(response);
	}
	if (request != NULL)
		SPF_request_free(request);
	return result_of(r, result);
}
