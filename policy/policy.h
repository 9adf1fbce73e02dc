/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy.h - one immutable snapshot of what may be relayed, for whom.
 * A builder collects entries (one thread), freeze turns it into a const
 * struct policy that any number of threads may ask without locks.  Everything
 * a snapshot holds lives and dies with it.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdint.h>

#include "policy/access_map.h"
#include "policy/network.h"
#include "policy/text.h"

enum policy_kind {
	POLICY_LOCAL,   /* a domain or address literal of ours */
	POLICY_RELAY,   /* a domain we relay for */
	POLICY_CLIENT,  /* a network whose clients may relay anywhere */
	POLICY_IDENTITY, /* an authenticated identity that may; "*" is any */
	POLICY_CERTIFICATE, /* the subject of a client certificate that may */
	POLICY_NAME,    /* a client's host name (PTR) that may: best avoided */
	POLICY_FORWARDER /* a network of hosts that forward mail of others to us */
};
#define POLICY_KINDS 7

enum policy_action {
	POLICY_GRANT,
	POLICY_DENY /* takes back what other entries grant, see relay.policy(5) */
};

/* Which names a domain entry speaks for. */
enum policy_span {
	SPAN_SELF,  /* example.org only */
	SPAN_BELOW, /* names below example.org only (".example.org") */
	SPAN_BOTH   /* both, as in sendmail's own files */
};

/*
 * One entry, as a source hands it in and as a lookup hands it out.  In the
 * first direction all text is copied; in the second it points into the
 * snapshot and is valid as long as that.
 */
struct policy_entry {
	enum policy_kind kind;
	enum policy_action action;
	enum policy_span span;  /* domain names only */
	struct text value;      /* domain, or identity; not for networks */
	struct network network; /* of clients, and POLICY_LOCAL literals */
	int64_t until;          /* void from this time on (Unix), 0 = never */
	struct text note;       /* the postmaster's words; may be empty */
	/*
	 * Who may send on only to these domains, besides ours: folded names
	 * with commas in between, ".d" for all below d; empty = anywhere.
	 */
	struct text only;
	unsigned source;        /* from policy_source() */
	unsigned line;          /* 0 when the source has no lines */
};

enum policy_error {
	POLICY_OK = 0,
	POLICY_BAD_DOMAIN,
	POLICY_TOP_LEVEL,   /* a whole top-level domain, or "." */
	POLICY_WHOLE_NET,   /* 0.0.0.0/0 or ::/0 */
	POLICY_BAD_IDENTITY,
	POLICY_BAD_SUBJECT, /* not a certificate's subject */
	POLICY_BAD_ONLY,    /* a list of domains that is none */
	POLICY_DUPLICATE,   /* same kind, value and source as an earlier one */
	POLICY_TOO_MANY,    /* over 2^31 entries or 65535 sources */
	POLICY_NO_MEMORY
};
const char *policy_error_text(enum policy_error e);

struct policy;
struct policy_builder;
struct records;

/*
 * seed: random, so that nobody can prepare names that collide.  NULL when
 * out of memory.
 */
struct policy_builder *policy_builder_new(uint64_t seed);
void policy_builder_free(struct policy_builder *b);

/* The seed it was made with. */
uint64_t policy_seed(const struct policy_builder *b);

/*
 * Register a source ("/etc/mail/relay-domains", a DN); entries name it by
 * the number stored in *id.
 */
enum policy_error policy_source(struct policy_builder *b, struct text name,
    unsigned *id);

/*
 * The same for a directory: the line of its entries is the number of a record
 * in r, whose DN is where they come from, and two records may say the same.
 * The builder holds r, which is the same for all its directories.
 */
enum policy_error policy_directory(struct policy_builder *b, struct text name,
    struct records *r, unsigned *id);

/*
 * Check and copy one entry.  On POLICY_DUPLICATE *line is the line of the
 * earlier entry (line may be NULL); nothing is added on any error.
 */
enum policy_error policy_add(struct policy_builder *b,
    const struct policy_entry *entry, unsigned *line);

/*
 * Keep sendmail's access map with the policy; its entries that bear on relaying
 * have been added as source.  The map belongs to the builder from now on; a
 * second one takes the place of the first.
 */
void policy_keep_access(struct policy_builder *b, struct access_map *map,
    unsigned source);

/*
 * What has been added so far, for policy_entries, policy_entry_at and
 * policy_source_name only; its text is valid until the next policy_add.
 */
const struct policy *policy_builder_view(const struct policy_builder *b);

/*
 * Turn the builder into a snapshot; the builder is gone in every case.
 * NULL when out of memory.
 */
struct policy *policy_freeze(struct policy_builder *b);
void policy_free(struct policy *p);

/*
 * One policy that says what all n parts say, which it shares with them: they
 * may be freed before it.  All must have been built with the same seed, and
 * have at most POLICY_LAYERS_MAX builders between them.  NULL when out of
 * memory.
 */
#define POLICY_LAYERS_MAX 4
struct policy *policy_join(const struct policy *const *parts, size_t n);

/*
 * Before anybody else knows p: entry i grants and denies nothing any more.  It
 * keeps its number, and looks like one that has expired.  False when out of
 * memory.
 */
bool policy_take_out(struct policy *p, size_t i);

/*
 * The number of the entry that says the same as e (kind, action and value), is
 * not taken out, not expired at now (INT64_MIN: or expired), and on a line that
 * is() approves of; policy_entries(p) when there is none.
 */
size_t policy_index(const struct policy *p, const struct policy_entry *e,
    int64_t now, bool (*is)(void *with, unsigned line), void *with);

/*
 * The questions.  Each finds the entry that decides: the most specific live
 * one (live: not expired at now); between equals a denial beats a grant.
 * True: *out is that entry, whatever its action.  False: nobody said anything
 * and *out is untouched.  None of them allocates.
 */

/* kind is POLICY_LOCAL, _RELAY or _NAME; name is folded (domain_fold). */
bool policy_find_domain(const struct policy *p, enum policy_kind kind,
    struct text name, int64_t now, struct policy_entry *out);

/* Is this address literal one of ours ("local [192.0.2.1]")? */
bool policy_find_literal(const struct policy *p, const struct ip *ip,
    int64_t now, struct policy_entry *out);

bool policy_find_client(const struct policy *p, const struct ip *ip,
    int64_t now, struct policy_entry *out);

/* Is the sender of what it sends not to be asked about? */
bool policy_find_forwarder(const struct policy *p, const struct ip *ip,
    int64_t now, struct policy_entry *out);

/*
 * Exact, case-sensitive.  When no exact entry answers, "*@realm" does for
 * identities that end in that, then "*".
 */
bool policy_find_identity(const struct policy *p, struct text identity,
    int64_t now, struct policy_entry *out);

/* Exact, case-sensitive: the subject as sendmail's {cert_subject} has it. */
bool policy_find_certificate(const struct policy *p, struct text subject,
    int64_t now, struct policy_entry *out);

/* Does only, of an entry, name this folded domain? */
bool policy_only_names(struct text only, struct text name);

/* Are the values of this kind networks, all of them? */
bool policy_is_network(enum policy_kind kind);

/* How many entries there are of this kind, expired ones included; not those
 * taken out. */
size_t policy_count(const struct policy *p, enum policy_kind kind);

/* All entries in the order they were added: 0 .. policy_entries - 1. */
size_t policy_entries(const struct policy *p);
void policy_entry_at(const struct policy *p, size_t i,
    struct policy_entry *out);

/* The access map, or NULL, and the source of its entries. */
const struct access_map *policy_access(const struct policy *p,
    unsigned *source);

/* The name of a source. */
struct text policy_source_name(const struct policy *p, unsigned source);

/* The DN an entry of a directory comes from; empty for all others. */
struct text policy_entry_dn(const struct policy *p,
    const struct policy_entry *e);

/*
 * "FILE:LINE", or the DN, or what the source is called: printable ASCII in
 * out[size], cut where it does not fit.  Returns out.
 */
const char *policy_origin(const struct policy *p, const struct policy_entry *e,
    char *out, size_t size);

/* Bytes of memory that the snapshot holds, shared ones included. */
size_t policy_bytes(const struct policy *p);

#endif
