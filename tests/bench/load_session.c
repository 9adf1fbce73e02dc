/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/load_session.h"

#include <arpa/inet.h>
#include <err.h>
#include <libmilter/mfdef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* What sendmail's cf/m4/proto.m4 sends unless the filter asks otherwise. */
static const char *const default_symbols[SESSION_STAGES] = {
	"j _ {daemon_name} {if_name} {if_addr}",
	"{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
	("i {auth_type} {auth_authen} {auth_ssf} {auth_author} {mail_mailer} "
	"{mail_host} {mail_addr}"),
	"{rcpt_mailer} {rcpt_host} {rcpt_addr}",
};

static void put_version(const struct session *s, struct wire *out);
static void put_connect(const struct session *s, struct wire *out);
static void put_helo(const struct session *s, struct wire *out);
static void put_mail(const struct session *s, struct wire *out);
static void put_rcpt(const struct session *s, struct wire *out);

static const struct row {
	char command;
	int stage;       /* of its macros, or -1 */
	uint32_t skip;   /* negotiated: the filter does not want it */
	uint32_t silent; /* negotiated: the filter does not answer */
	void (*put)(const struct session *s, struct wire *out);
} rows[] = {
	[STEP_NEGOTIATE] = { SMFIC_OPTNEG, -1, 0, 0, put_version },
	[STEP_CONNECT] = { SMFIC_CONNECT, 0, SMFIP_NOCONNECT, SMFIP_NR_CONN,
	    put_connect },
	[STEP_HELO] = { SMFIC_HELO, 1, SMFIP_NOHELO, SMFIP_NR_HELO, put_helo },
	[STEP_MAIL] = { SMFIC_MAIL, 2, SMFIP_NOMAIL, SMFIP_NR_MAIL, put_mail },
	[STEP_RCPT] = { SMFIC_RCPT, 3, SMFIP_NORCPT, SMFIP_NR_RCPT, put_rcpt },
};

static void
put_version(const struct session *s, struct wire *out)
{
	(void)s;
	wire_number(out, SMFI_PROT_VERSION);
	wire_number(out, SMFI_CURR_ACTS);
	wire_number(out, SMFI_CURR_PROT);
}

static bool
is_ipv6(const struct session *s)
{
	return strchr(s->who.client, ':') != NULL;
}

static void
put_connect(const struct session *s, struct wire *out)
{
	const uint16_t port = htons(40000);
	const char family = is_ipv6(s) ? SMFIA_INET6 : SMFIA_INET;

	wire_text(out, s->who.helo);
	wire_put(out, &family, 1);
	wire_put(out, &port, sizeof port);
	if (is_ipv6(s))
		wire_put(out, "IPv6:", 5);
	wire_text(out, s->who.client);
}

static void
put_helo(const struct session *s, struct wire *out)
{
	wire_text(out, s->who.helo);
}

static void
put_mail(const struct session *s, struct wire *out)
{
	wire_text(out, s->who.sender);
	wire_text(out, "SIZE=1024");
}

static void
put_rcpt(const struct session *s, struct wire *out)
{
	struct mix_recipient rcpt;

	mix_recipient(&s->who, s->recipients, &rcpt);
	wire_text(out, rcpt.argument);
}

/* An address argument without its brackets. */
static const char *
strip(const char *argument, char *out, size_t cap)
{
	snprintf(out, cap, "%.*s", (int)strlen(argument) - 2, argument + 1);
	return out;
}

/* A macro whose value differs from session to session; NULL: not that one. */
static const char *
varying_macro(const struct session *s, const char *name, char *out, size_t cap)
{
	if (strcmp(name, "i") == 0)
		snprintf(out, cap, "A%013u", s->who.number);
	else if (strcmp(name, "_") == 0)
		snprintf(out, cap, "%s [%s%s]", s->who.helo,
		    is_ipv6(s) ? "IPv6:" : "", s->who.client);
	else if (strcmp(name, "{client_addr}") == 0)
		return s->who.client;
	else if (strcmp(name, "{client_name}") == 0 ||
	    strcmp(name, "{client_ptr}") == 0)
		return s->who.helo;
	else if (strcmp(name, "{mail_addr}") == 0)
		return strip(s->who.sender, out, cap);
	else
		return NULL;
	return out;
}

/* Where the MTA says that this recipient goes; NULL: not such a macro. */
static const char *
recipient_macro(const struct session *s, const char *name, char *out,
    size_t cap)
{
	struct mix_recipient rcpt;

	if (strncmp(name, "{rcpt_", 6) != 0)
		return NULL;
	mix_recipient(&s->who, s->recipients, &rcpt);
	if (strcmp(name, "{rcpt_mailer}") == 0)
		return rcpt.mailer;
	if (strcmp(name, "{rcpt_host}") == 0)
		return rcpt.host;
	snprintf(out, cap, "%s", rcpt.addr);
	return out;
}

/* The value of a macro in this session; NULL when it has none. */
static const char *
macro_value(const struct session *s, const char *name, char *out, size_t cap)
{
	static const char *const fixed[][2] = {
		{ "j", MIX_HOST }, { "{if_name}", MIX_HOST },
		{ "{if_addr}", MIX_ADDRESS }, { "{daemon_name}", "MTA" },
		{ "{daemon_port}", "25" }, { "{client_resolve}", "OK" },
		{ "{mail_mailer}", "esmtp" },
		{ "{mail_host}", "mx.example.net." }, { "v", "8.17.1" },
	};
	const char *value;
	size_t i;

	for (i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(name, fixed[i][0]) == 0)
			return fixed[i][1];
	value = varying_macro(s, name, out, cap);
	return value != NULL ? value : recipient_macro(s, name, out, cap);
}

/*
 * The macros of a command.  A stage whose list is empty has no packet; one
 * whose macros all lack a value has an empty one, as from sendmail.
 */
static void
put_macros(struct session *s, int stage, char command)
{
	const char *wanted = s->symbols[stage] != NULL ? s->symbols[stage] :
	    default_symbols[stage];
	char list[512], value[MIX_TEXT_MAX * 2 + 16], *rest = list, *name;
	const char *v;

	if (*wanted == '\0')
		return;
	snprintf(list, sizeof list, "%s", wanted);
	wire_begin(&s->out, SMFIC_MACRO);
	wire_put(&s->out, &command, 1);
	while ((name = strsep(&rest, " ,")) != NULL) {
		v = macro_value(s, name, value, sizeof value);
		if (v == NULL)
			continue;
		wire_text(&s->out, name);
		wire_text(&s->out, v);
	}
	wire_end(&s->out);
}

/* A command with its macros. */
static void
put_command(struct session *s, const struct row *row)
{
	if (row->stage >= 0)
		put_macros(s, row->stage, row->command);
	wire_begin(&s->out, row->command);
	row->put(s, &s->out);
	wire_end(&s->out);
	s->waiting = (s->protocol & row->silent) == 0;
}

static void
forget_symbols(struct session *s)
{
	size_t i;

	for (i = 0; i < SESSION_STAGES; i++) {
		free(s->symbols[i]);
		s->symbols[i] = NULL;
	}
}

void
session_begin(struct session *s, int fd, unsigned number, unsigned abusive)
{
	s->fd = fd;
	mix_session(number, abusive, &s->who);
	s->step = STEP_NEGOTIATE;
	s->recipients = 0;
	s->protocol = 0;
	s->in.n = s->out.n = 0;
	forget_symbols(s);
	put_command(s, &rows[STEP_NEGOTIATE]);
}

void
session_free(struct session *s)
{
	forget_symbols(s);
	free(s->in.at);
	free(s->out.at);
}

void
session_asked(const struct session *s, char *out, size_t cap)
{
	size_t i, n = (size_t)snprintf(out, cap, "%06x", s->protocol);

	for (i = 0; i < SESSION_STAGES && n < cap; i++)
		n += (size_t)snprintf(out + n, cap - n, "; %s",
		    s->symbols[i] != NULL ? s->symbols[i] : "default");
	for (; *out != '\0'; out++)
		if (*out < ' ' || *out > '~' || *out == '"' || *out == '\\')
			*out = '?';
}

/* An empty packet. */
static void
put_bare(struct session *s, char command)
{
	wire_begin(&s->out, command);
	wire_end(&s->out);
}

static enum step
next_step(struct session *s, unsigned recipients)
{
	if (s->step == STEP_RCPT)
		s->recipients++;
	if (s->step == STEP_RCPT && s->recipients < recipients)
		return STEP_RCPT;
	return s->step == STEP_QUIT ? STEP_QUIT : s->step + 1;
}

bool
session_command(struct session *s, unsigned recipients)
{
	const struct row *row;

	do {
		s->step = next_step(s, recipients);
		if (s->step == STEP_QUIT) {
			put_bare(s, SMFIC_ABORT);
			put_bare(s, SMFIC_QUIT);
			return false;
		}
		row = &rows[s->step];
	} while ((s->protocol & row->skip) != 0);
	put_command(s, row);
	return true;
}

/* Lists of wanted macros: stage, "{a} {b}", NUL, stage ... */
static void
take_symbols(struct session *s, const unsigned char *p, size_t n)
{
	size_t length;
	uint32_t stage;

	for (; n > sizeof stage; p += length + 1, n -= length + 1) {
		stage = wire_read_number(p);
		p += sizeof stage;
		n -= sizeof stage;
		length = strnlen((const char *)p, n);
		if (length == n)
			return;
		if (stage >= SESSION_STAGES)
			continue;
		free(s->symbols[stage]);
		s->symbols[stage] = strdup((const char *)p);
		if (s->symbols[stage] == NULL)
			err(EX_OSERR, "load");
	}
}

static bool
take_negotiation(struct session *s, const struct packet *reply)
{
	if (reply->command != SMFIC_OPTNEG || reply->n < MILTER_OPTLEN)
		return false;
	s->protocol = wire_read_number(reply->data + 8);
	take_symbols(s, reply->data + MILTER_OPTLEN, reply->n - MILTER_OPTLEN);
	return wire_read_number(reply->data) == SMFI_PROT_VERSION;
}

/* 'c' continue, 't' defer, 'r' refuse; 0: no reply that we expect. */
static char
meaning(const struct packet *reply)
{
	if (reply->command != SMFIR_REPLYCODE)
		return strchr("ctr", reply->command) != NULL ? reply->command :
		    '\0';
	if (reply->n < 5 || reply->data[reply->n - 1] != '\0')
		return '\0';
	return reply->data[0] == '5' ? 'r' : reply->data[0] == '4' ? 't' : '\0';
}

static void
count_recipient(struct tally *tally, bool abusive, bool accepted)
{
	if (abusive)
		*(accepted ? &tally->abusive_accepted :
		    &tally->abusive_refused) += 1;
	else
		*(accepted ? &tally->honest_accepted :
		    &tally->honest_refused) += 1;
}

bool
session_reply(struct session *s, const struct packet *reply,
    struct tally *tally)
{
	char answer;

	if (reply->command == SMFIR_PROGRESS)
		return true;
	if (!s->waiting)
		return false;
	s->waiting = false;
	if (s->step == STEP_NEGOTIATE)
		return take_negotiation(s, reply);
	answer = meaning(reply);
	if (answer == 't')
		tally->deferred++;
	else if (s->step == STEP_RCPT && answer != '\0')
		count_recipient(tally, s->who.abusive, answer == 'c');
	else if (answer == 'r')
		tally->mail_refused++;
	/* without its sender a message has no recipients */
	if (s->step != STEP_RCPT && answer != 'c')
		s->step = STEP_QUIT;
	return answer != '\0';
}
