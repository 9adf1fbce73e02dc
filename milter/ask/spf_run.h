/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_run.h - one SPF check while it runs: what libspf2 asks for, answered.
 *
 * libspf2 never sees a byte that came from the wire.  It evaluates records
 * that we write for it, in which each name is a token ("t7.x"); when it asks
 * the DNS for a token, the term behind the token is expanded here, counted,
 * asked for, and the addresses alone are handed back.  So its parsers and
 * macros, where its faults are, work on our own few words only.
 */
#ifndef MILTER_ASK_SPF_RUN_H
#define MILTER_ASK_SPF_RUN_H

#include "milter/ask/spf.h"
#include "milter/ask/spf_macro.h"
#include "milter/ask/spf_record.h"
#include "policy/domain.h"

/* The first record, and one for each include and redirect. */
#define SPF_PAGES_MAX (SPF_TERMS_MAX + 1)
/* Terms of a plan; each page needs one token more, to see that it was left. */
#define SPF_PLAN_MAX (SPF_TERMS_MAX + 2)
#define SPF_TOKENS_MAX (SPF_PAGES_MAX * (SPF_PLAN_MAX + 1) + 1)

/* A record in use. */
struct spf_page {
	struct dns_answer *answer; /* in which its text is */
	struct spf_record record;
	char domain[DOMAIN_MAX];
	size_t domain_n;
	unsigned depth;            /* of includes and redirects, from 1 */
	struct spf_term reached;   /* the last term that was tried */
	/* the account's, spf_account.h */
	const struct spf_token *opener; /* what led here; NULL: the start */
	struct text untold;        /* terms behind the one reached */
	bool open;                 /* has that one matched?  Not known yet */
	enum spf_result result;    /* of this page */
	enum spf_result child;     /* of the page that the one reached opened */
};

enum spf_token_kind {
	SPF_TOKEN_START,
	SPF_TOKEN_TERM,
	SPF_TOKEN_MARK /* no name: libspf2 asks for it when it gets there */
};

/* What a token stands for. */
struct spf_token {
	enum spf_token_kind kind;
	struct spf_page *page; /* NULL for the start */
	struct spf_term term;  /* MARK: the one that is tried next */
};

struct spf_run {
	const struct spf_dns *dns;
	const struct spf_question *q;
	const struct trace *trace;
	struct spf_outcome *out;
	struct spf_macro_values values;
	enum { SPF_RUNNING, SPF_FAILED, SPF_DECIDED } state;
	struct spf_page page[SPF_PAGES_MAX];
	size_t pages;
	struct spf_page *main; /* whose result and exp= it will be */
	unsigned depth;        /* of what is asked now, for the trace */
	struct spf_page *told; /* where the account is */
	struct spf_token token[SPF_TOKENS_MAX];
	size_t tokens;
	struct dns_answer *hosts;    /* of the mx term that is tried */
	const struct spf_term *mx;   /* that term */
	bool names_asked;
	size_t names;                /* validated names of the client (5.5) */
	struct {
		char at[DOMAIN_MAX];
		size_t n;
	} name[SPF_HOSTS_MAX];
	enum dns_status names_status; /* of the question for them */
};

/* Make the first token, t0.x, for the domain r->values.sender_domain. */
void spf_run_start(struct spf_run *r);

/*
 * The check has come to nothing: out->result is final, whatever libspf2 makes
 * of it.  The first failure counts, and none once there is a result.
 */
void spf_run_fail(struct spf_run *r, enum spf_result result,
    const char *problem, struct text about);

/*
 * Ask; the answer is to be freed.  NULL when the check has failed, or fails
 * now because its time is over.
 */
struct dns_answer *spf_run_ask(struct spf_run *r, struct text name,
    enum dns_type type);

/* Which addresses the client has: DNS_A or DNS_AAAA. */
enum dns_type spf_run_address_type(const struct spf_run *r);

/* Free what the run holds, not the run. */
void spf_run_end(struct spf_run *r);

#endif
