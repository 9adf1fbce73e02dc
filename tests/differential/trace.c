/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.c - a filter that refuses every recipient and tells in its reply what
 * it saw: the argument as sendmail passed it on, and where sendmail would send
 * the mail.  It stands last, so whatever stood before it let the recipient
 * through.  Three lines, each field escaped (see put()), "==" when empty:
 *
 *   550-5.7.9 trace ARGUMENT
 *   550-5.7.9 to MAILER HOST
 *   550 5.7.9 as ADDRESS
 *
 * An answer in the reply needs no log to be matched with what was sent, and a
 * refused recipient leaves nothing behind in sendmail's memory or queue.
 *
 * usage: trace SOCKET
 */
#include <libmilter/mfapi.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define REPLY_LINE 980 /* smfi_setmlreply takes no more */

struct line {
	char text[REPLY_LINE + 4];
	size_t n;
	bool too_long;
};

static void
put_byte(struct line *line, char c)
{
	if (line->n >= REPLY_LINE) {
		line->too_long = true;
		return;
	}
	line->text[line->n++] = c;
	line->text[line->n] = '\0';
}

/* A blank and the field; what is not safe in a reply becomes =XX. */
static void
put(struct line *line, const char *field)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *s = field != NULL && *field != '\0' ? field : NULL;

	put_byte(line, ' ');
	if (s == NULL) {
		put_byte(line, '=');
		put_byte(line, '=');
		return;
	}
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c > ' ' && c < 0x7f && c != '%' && c != '=') {
			put_byte(line, *s);
			continue;
		}
		put_byte(line, '=');
		put_byte(line, digits[c >> 4]);
		put_byte(line, digits[c & 15]);
	}
}

static sfsistat
trace_recipient(SMFICTX *ctx, char **argv)
{
	struct line argument = { .text = "trace", .n = 5 };
	struct line to = { .text = "to", .n = 2 };
	struct line as = { .text = "as", .n = 2 };

	put(&argument, argv[0]);
	put(&to, smfi_getsymval(ctx, "{rcpt_mailer}"));
	put(&to, smfi_getsymval(ctx, "{rcpt_host}"));
	put(&as, smfi_getsymval(ctx, "{rcpt_addr}"));
	/* when this fails sendmail has a reply of its own: never judged */
	if (!argument.too_long && !to.too_long && !as.too_long)
		smfi_setmlreply(ctx, "550", "5.7.9", argument.text, to.text,
		    as.text, NULL);
	return SMFIS_REJECT;
}

int
main(int argc, char **argv)
{
	static char name[] = "trace";
	struct smfiDesc filter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_envrcpt = trace_recipient,
	};

	if (argc != 2) {
		fprintf(stderr, "usage: trace SOCKET\n");
		return EX_USAGE;
	}
	if (smfi_register(filter) != MI_SUCCESS ||
	    smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS) {
		fprintf(stderr, "trace: cannot listen on %s\n", argv[1]);
		return EX_UNAVAILABLE;
	}
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
