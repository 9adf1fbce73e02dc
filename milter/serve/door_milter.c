/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/door_milter.h"

#include "milter/log.h"
#include "milter/serve/door_milter_mark.h"

#define BACKLOG 4096      /* 256 was too few for 5000 connects at once */
#define IO_TIMEOUT_S 7210 /* libmilter's default: longer than an MTA waits */

/* Written once before the first callback, then only read. */
static struct door_milter *the_door;

/* Steps of a session that we have no use for. */
#define STEPS_NOT_WANTED                                                      \
	(SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA |           \
	    SMFIP_NOUNKNOWN)
/* Steps that we listen to and never answer: saves the MTA a round trip. */
#define STEPS_SILENT (SMFIP_NR_CONN | SMFIP_NR_HELO)

/* ----------------------------------------------------------------- chores */

static const char *
macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, plain(name));
}

/* s with each "%" doubled, as libmilter wants it. */
static char *
percents(const char *s, char out[2 * SENDER_SAID_MAX])
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (*s == '%')
			out[n++] = '%';
		out[n++] = *s;
	}
	out[n] = '\0';
	return out;
}

static sfsistat
answer(SMFICTX *ctx, const struct judge_reply *r)
{
	char explanation[2 * SENDER_SAID_MAX];

	if (r->action == VERDICT_ACCEPT)
		return SMFIS_CONTINUE;
	/* when this fails the MTA words the reply; the verdict stands */
	if (r->explanation == NULL)
		smfi_setreply(ctx, plain(r->code), plain(r->dsn),
		    plain(r->text));
	else
		smfi_setmlreply(ctx, r->code, r->dsn, r->text,
		    percents(r->explanation, explanation), NULL);
	return r->action == VERDICT_REFUSE ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static sfsistat
answer_trouble(SMFICTX *ctx)
{
	struct judge_reply r = judge_trouble();

	return answer(ctx, &r);
}

/* Not each time: it may be an attack. */
static void
say_overload(struct sessions *all)
{
	if (session_may_say(&all->said_overload))
		log_say("more than %lu sessions (max_sessions): deferring mail",
		    atomic_load(&all->limit));
}

/*
 * The session of this connection, made when the MTA skipped the step that
 * should have made it; NULL when out of memory.
 */
static struct session *
session_of(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL)
		return s;
	s = session_new(&the_door->sessions);
	if (s != NULL && smfi_setpriv(ctx, s) != MI_SUCCESS) {
		session_free(s);
		s = NULL;
	}
	return s;
}

static struct judge_request
request_of(struct session *s)
{
	return (struct judge_request){
		.door = "milter",
		.session = s->number,
		.queue_id = text_of(s->queue_id),
		.envelope = session_envelope(s),
		.findings = &s->findings,
	};
}

static sfsistat
not_answered(const struct session *s)
{
	return s != NULL && s->silent ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* -------------------------------------------------------------- callbacks */

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long offered_actions,
    unsigned long offered_steps, unsigned long f2, unsigned long f3,
    unsigned long *actions, unsigned long *steps, unsigned long *p2,
    unsigned long *p3)
{
	struct session *s = session_of(ctx);

	(void)f2, (void)f3;
	*actions = 0;
	*steps = offered_steps & STEPS_NOT_WANTED;
	*p2 = *p3 = 0;
	if (s != NULL && (offered_steps & STEPS_SILENT) == STEPS_SILENT) {
		s->silent = true;
		*steps |= STEPS_SILENT;
	}
	if (s != NULL && sender_questions_mark(the_door->judge.questions))
		door_milter_mark_negotiate(s, offered_actions, offered_steps,
		    actions, steps);
	if ((offered_actions & SMFIF_SETSYMLIST) != 0) {
		*actions |= SMFIF_SETSYMLIST;
		smfi_setsymlist(ctx, SMFIM_CONNECT, 
		    plain("j {if_addr} {client_name} {client_resolve}"));
		smfi_setsymlist(ctx, SMFIM_HELO, plain(""));
		smfi_setsymlist(ctx, SMFIM_ENVFROM,
		    plain("i {auth_authen} {verify} {cert_subject}"));
		smfi_setsymlist(ctx, SMFIM_ENVRCPT,
		    plain("{rcpt_mailer} {rcpt_addr}"));
		smfi_setsymlist(ctx, SMFIM_EOM, plain(""));
	}
	return SMFIS_CONTINUE;
}

/* The client's name, if that leads back to its address. */
static const char *
client_name(SMFICTX *ctx)
{
	if (!text_equal(text_of(macro(ctx, "{client_resolve}")), TEXT("OK")))
		return NULL;
	return macro(ctx, "{client_name}");
}

static sfsistat
on_connect(SMFICTX *ctx, char *hostname, _SOCK_ADDR *address)
{
	struct session *s = session_of(ctx);

	(void)hostname; /* may be made up: see client_name() */
	if (s == NULL)
		return SMFIS_CONTINUE; /* MAIL finds nobody connected: 451 */
	s->client = session_client((const struct sockaddr *)address);
	ip_parse(text_of(macro(ctx, "{if_addr}")), &s->own_address);
	s->connected = session_keep(&s->own_name, macro(ctx, "j")) == 0 &&
	    session_keep(&s->client_name, client_name(ctx)) == 0;
	return not_answered(s);
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_keep(&s->helo, name);
	return not_answered(s);
}

/* The subject of the client's certificate, if the MTA has verified it. */
static const char *
certificate(SMFICTX *ctx)
{
	if (!text_equal(text_of(macro(ctx, "{verify}")), TEXT("OK")))
		return NULL;
	return macro(ctx, "{cert_subject}");
}

/* What follows name, "AUTH=", among the parameters of MAIL; NULL: not there. */
static const char *
parameter(char **argv, struct text name)
{
	size_t i;

	for (i = 1; argv[i] != NULL; i++)
		if (text_begins(text_of(argv[i]), name))
			return argv[i] + name.n;
	return NULL;
}

/* Did MAIL come with the parameter SMTPUTF8? */
static bool
is_utf8(char **argv)
{
	const char *rest = parameter(argv, TEXT("SMTPUTF8"));

	return rest != NULL && rest[0] == '\0';
}

static sfsistat
mail(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	struct judge_request r;
	struct judge_reply reply;

	if (s == NULL || !s->connected || argv == NULL || argv[0] == NULL)
		return answer_trouble(ctx);
	session_clear_message(s);
	if (session_keep(&s->queue_id, macro(ctx, "i")) != 0 ||
	    session_keep(&s->auth, macro(ctx, "{auth_authen}")) != 0 ||
	    session_keep(&s->certificate, certificate(ctx)) != 0 ||
	    session_keep(&s->auth_claim, parameter(argv, TEXT("AUTH="))) != 0 ||
	    session_keep(&s->sender, argv[0]) != 0)
		return answer_trouble(ctx);
	s->utf8 = is_utf8(argv);
	r = request_of(s);
	if (session_is_too_many(s)) {
		say_overload(s->all);
		reply = judge_overload(&the_door->judge, &r);
	} else {
		reply = judge_mail(&the_door->judge, &r);
	}
	return answer(ctx, &reply);
}

static sfsistat
rcpt(SMFICTX *ctx, char **argv)
{
	struct session *s = smfi_getpriv(ctx);
	struct judge_request r;
	struct judge_reply reply;

	/* without its MAIL, taken in, a recipient cannot be judged */
	if (s == NULL || s->sender == NULL || s->over_limit || argv == NULL || argv[0] == NULL)
		return answer_trouble(ctx);
	r = request_of(s);
	r.envelope.recipient = text_of(argv[0]);
	r.envelope.rcpt_mailer = text_of(macro(ctx, "{rcpt_mailer}"));
	r.envelope.rcpt_address = text_of(macro(ctx, "{rcpt_addr}"));
	reply = judge_rcpt(&the_door->judge, &r);
	return answer(ctx, &reply);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	sfsistat result;

	atomic_fetch_add(&the_door->sessions.busy, 1);
	result = mail(ctx, argv);
	atomic_fetch_sub(&the_door->sessions.busy, 1);
	return result;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	sfsistat result;

	atomic_fetch_add(&the_door->sessions.busy, 1);
	result = rcpt(ctx, argv);
	atomic_fetch_sub(&the_door->sessions.busy, 1);
	return result;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL || !s->marks)
		return SMFIS_CONTINUE;
	sender_forged_look(&s->forged, &s->findings, text_of(s->own_name),
	    text_of(name), text_of(value));
	return s->silent_fields ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);
	bool done;

	if (s == NULL || !s->marks)
		return SMFIS_CONTINUE;
	atomic_fetch_add(&the_door->sessions.busy, 1);
	done = door_milter_mark_message(ctx, s);
	session_clear_message(s);
	atomic_fetch_sub(&the_door->sessions.busy, 1);
	return done ? SMFIS_CONTINUE : answer_trouble(ctx);
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL)
		session_clear_message(s);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	smfi_setpriv(ctx, NULL);
	session_free(s);
	return SMFIS_CONTINUE;
}

/* --------------------------------------------------------------- lifetime */

int
door_milter_open(struct door_milter *door, const char *socket)
{
	struct smfiDesc description = {
		.xxfi_name = plain("relayguard"),
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	the_door = door;
	door->wake = worker_wake_start(socket);
	if (door->wake == NULL)
		return -1;
	door->judge.questions->with = door->wake;
	door->judge.questions->waiting = worker_wake_waiting;
	if (smfi_setconn(plain(socket)) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS ||
	    smfi_settimeout(IO_TIMEOUT_S) != MI_SUCCESS ||
	    smfi_register(description) != MI_SUCCESS)
		return -1;
	/* true: take a stale socket away; the lock says it is stale */
	return smfi_opensocket(true) == MI_SUCCESS ? 0 : -1;
}

void
door_milter_close(struct door_milter *door)
{
	worker_wake_stop(door->wake);
	door->wake = NULL;
}

int
door_milter_run(void)
{
	return smfi_main() == MI_SUCCESS ? 0 : -1;
}

void
door_milter_stop(void)
{
	smfi_stop();
}
