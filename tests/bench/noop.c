/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * noop.c - the smallest filter: the floor that the guard is measured against.
 *	noop SOCKET [lean]
 * It asks for the envelope only, says yes to everything, and refuses with a
 * fixed reply the recipients in which the word "victim" occurs (the abusive
 * ones of mix.c), so that both filters send the same replies.  With "lean" it
 * also forgoes what the guard forgoes: replies to connect and HELO, and all
 * macros but those that milter/serve/door_milter.c asks for.
 */
#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* As many as 5000 sessions may knock at the same moment. */
#define BACKLOG 4096

#define STEPS_NOT_WANTED                                                      \
	(SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA |           \
	    SMFIP_NOUNKNOWN)

static bool lean; /* set before the first callback */

static void
ask_for_few_macros(SMFICTX *ctx)
{
	static char connect[] = "j {if_addr} {client_name} {client_resolve}";
	static char mail[] = "i {auth_authen} {verify} {cert_subject}";
	static char rcpt[] = "{rcpt_mailer} {rcpt_addr}", none[] = "";

	smfi_setsymlist(ctx, SMFIM_CONNECT, connect);
	smfi_setsymlist(ctx, SMFIM_HELO, none);
	smfi_setsymlist(ctx, SMFIM_ENVFROM, mail);
	smfi_setsymlist(ctx, SMFIM_ENVRCPT, rcpt);
	smfi_setsymlist(ctx, SMFIM_EOM, none);
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1,
    unsigned long f2, unsigned long f3, unsigned long *p0, unsigned long *p1,
    unsigned long *p2, unsigned long *p3)
{
	(void)ctx;
	(void)f0;
	(void)f2;
	(void)f3;
	*p0 = 0;
	*p1 = f1 & STEPS_NOT_WANTED;
	*p2 = *p3 = 0;
	if (lean) {
		*p0 = SMFIF_SETSYMLIST;
		*p1 |= SMFIP_NR_CONN | SMFIP_NR_HELO;
		ask_for_few_macros(ctx);
	}
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)host;
	(void)address;
	return lean ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return lean ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	static char code[] = "550", dsn[] = "5.7.1", text[] = "not relayed";

	if (strstr(argv[0], "victim") == NULL)
		return SMFIS_CONTINUE;
	smfi_setreply(ctx, code, dsn, text);
	return SMFIS_REJECT;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	static char name[] = "noop";
	struct smfiDesc filter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_eom = on_end,
		.xxfi_abort = on_end,
		.xxfi_close = on_end,
		.xxfi_negotiate = on_negotiate,
	};

	lean = argc == 3 && strcmp(argv[2], "lean") == 0;
	if (argc != 2 && !lean) {
		fprintf(stderr, "usage: noop SOCKET [lean]\n");
		return EX_USAGE;
	}
	if (smfi_setconn(argv[1]) == MI_FAILURE ||
	    smfi_setbacklog(BACKLOG) == MI_FAILURE ||
	    smfi_register(filter) == MI_FAILURE) {
		fprintf(stderr, "noop: libmilter refuses %s\n", argv[1]);
		return EX_UNAVAILABLE;
	}
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_UNAVAILABLE;
}
