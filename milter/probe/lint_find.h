/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint_find.h - what `relayguard lint` looks for in a sendmail.cf and what it
 * has found.  A kind of fault is a row of one table: how it is called, what it
 * means, what to write instead, and the function that finds it.
 */
#ifndef PROBE_LINT_FIND_H
#define PROBE_LINT_FIND_H

#include <limits.h>

#include "conf/complaint.h"
#include "conf/sendmail_cf.h"
#include "milter/probe/lint_opens.h"
#include "policy/network.h"

#define LINT_DETAIL_MAX 400

struct lint;

/* The macro of a .mc that makes it; all NULL when there is none. */
struct lint_macro {
	const char *name;     /* FEATURE, define ... */
	const char *argument; /* the first one */
	const char *second;   /* NULL: any */
};

struct lint_rule {
	const char *name;
	unsigned feature; /* of lint_opens.h, 0 when it opens nothing */
	void (*find)(struct lint *l, const struct lint_rule *r);
	struct lint_macro mc;
	const char *what;    /* it means */
	const char *instead; /* to write */
};

struct lint_finding {
	const struct lint_rule *rule;
	char *file;
	unsigned line;    /* 0: of something that is missing */
	unsigned mc_line; /* where the .mc makes it, 0 when unknown */
	char detail[LINT_DETAIL_MAX]; /* printable; may be empty */
};

struct lint {
	const char *cf_name;
	struct sendmail_cf cf;
	const char *mc_name; /* NULL: no .mc was given */
	struct text mc;
	unsigned features; /* all that were found, for lint_opens() */
	bool access_known; /* the access map's file could be read */
	size_t n;
	struct lint_finding *finding;
	struct complaints notes; /* what could not be looked at */
};

/*
 * Look for everything.  l has cf, mc and their names; the result is in
 * finding and features, trouble in notes.
 */
void lint_find(struct lint *l);

/* Release findings and notes. */
void lint_free(struct lint *l);

/* ---- for those who find ---- */

/* A finding at this line of file; format makes its detail. */
__attribute__((format(printf, 6, 7))) void lint_add(struct lint *l,
    const struct lint_rule *r, const char *file, unsigned line,
    unsigned mc_line, const char *format, ...);

/* The rule set of this name: its first line, or 0. */
unsigned lint_set_line(const struct lint *l, const char *set);

/* Does t hold, or begin with, what?  Blanks do not count. */
bool lint_holds(struct text t, const char *what);
bool lint_begins(struct text t, const char *what);

/* lint_rules.c */
void lint_promiscuous(struct lint *l, const struct lint_rule *r);
void lint_entire_domain(struct lint *l, const struct lint_rule *r);
void lint_local_from(struct lint *l, const struct lint_rule *r);
void lint_mail_from(struct lint *l, const struct lint_rule *r);
void lint_loose(struct lint *l, const struct lint_rule *r);
void lint_unresolvable(struct lint *l, const struct lint_rule *r);
void lint_unqualified(struct lint *l, const struct lint_rule *r);
void lint_nouucp(struct lint *l, const struct lint_rule *r);
void lint_nopercenthack(struct lint *l, const struct lint_rule *r);
void lint_local_relay(struct lint *l, const struct lint_rule *r);
void lint_mail_hub(struct lint *l, const struct lint_rule *r);
void lint_by_mx(struct lint *l, const struct lint_rule *r);

/* lint_milter.c */
void lint_milter_missing(struct lint *l, const struct lint_rule *r);
void lint_milter_flags(struct lint *l, const struct lint_rule *r);
void lint_milter_tcp(struct lint *l, const struct lint_rule *r);
void lint_socket_directory(struct lint *l, const struct lint_rule *r);
void lint_daemon(struct lint *l, const struct lint_rule *r);

/* lint_map.c */
void lint_map_missing(struct lint *l, const struct lint_rule *r);
void lint_map_flags(struct lint *l, const struct lint_rule *r);

/* The next socket map after *at that Local_check_rcpt asks; NULL: no more. */
const struct cf_line *lint_map_next(const struct lint *l, size_t *at);

/* lint_class.c */
void lint_class_tld(struct lint *l, const struct lint_rule *r);
void lint_class_wide(struct lint *l, const struct lint_rule *r);

/* A name of one label, dots at its ends aside; localhost is none. */
bool lint_is_top_level(struct text name);

/* Is the network too wide to be somebody's own? */
bool lint_is_wide(const struct network *net);

/* What the system wants of a path; "" for one that is too long. */
void lint_path(struct text path, char name[PATH_MAX]);

/* lint_access.c */
void lint_access_tld(struct lint *l, const struct lint_rule *r);
void lint_access_wide(struct lint *l, const struct lint_rule *r);

/*
 * What the access map grants, into l->features.  When its file cannot be read,
 * what senders are granted is assumed, l->access_known is false and the notes
 * tell it.
 */
void lint_access(struct lint *l);

/* lint_grant.c */
void lint_local_grant(struct lint *l, const struct lint_rule *r);
void lint_anonymous(struct lint *l, const struct lint_rule *r);

/* lint_mc.c: the line of a .mc with this macro, 0 when there is none. */
unsigned lint_mc_find(struct text mc, const struct lint_macro *m);

/* The line where an argument of macro holds word. */
unsigned lint_mc_word(struct text mc, const char *macro, struct text word);

/* The line that makes this milter or map; FEATURE(`relayguard') makes both. */
unsigned lint_mc_milter(struct text mc, struct text milter);
unsigned lint_mc_map(struct text mc, struct text map);

#endif
