/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/catch_session.h"

static const struct catch_found nothing = { CATCH_NOBODY, CATCH_NOBODY };

const char catch_banner[] =
    "220 relayguard-catcher.invalid ESMTP relayguard probe --catch\r\n";

static unsigned
hex_of(char c)
{
	c = text_lower(c);
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') :
	    c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* The number behind the nonce of this run, or CATCH_NOBODY. */
static unsigned
token_in(const struct catch_session *s, struct text line)
{
	const char *at = line.n > 0 ? memmem(line.at, line.n, s->nonce,
	    CATCH_NONCE) : NULL;
	size_t from = at != NULL ? (size_t)(at - line.at) + CATCH_NONCE : 0, i;
	unsigned n = 0;

	if (at == NULL || line.n - from < 5 || line.at[from] != '-')
		return CATCH_NOBODY;
	for (i = 1; i < 5; i++) {
		unsigned digit = hex_of(line.at[from + i]);

		if (digit > 15)
			return CATCH_NOBODY;
		n = n * 16 + digit;
	}
	return n < CATCH_TOKENS_MAX ? n : CATCH_NOBODY;
}

/*
 * Our field is in the header of our own messages only; a bounce has a header
 * of its own and ours somewhere below.
 */
static void
take_text(struct catch_session *s, struct text line)
{
	unsigned n = token_in(s, line);

	s->bytes += line.n + 2;
	if (line.n == 0)
		s->body = true;
	if (n == CATCH_NOBODY)
		return;
	if (!s->body && text_begins(line, TEXT(CATCH_FIELD)))
		s->found.delivered = n;
	else if (s->body)
		s->found.bounced = n;
}

static void
forget(struct catch_session *s)
{
	s->recipients = 0;
	s->data = s->body = false;
	s->bytes = 0;
	s->found = nothing;
}

static const char *
end_message(struct catch_session *s, struct catch_found *found)
{
	*found = s->found;
	if (s->bytes > CATCH_MESSAGE_MAX)
		*found = nothing;
	/* our own text has the token once more */
	if (found->delivered != CATCH_NOBODY)
		found->bounced = CATCH_NOBODY;
	forget(s);
	return found->delivered != CATCH_NOBODY ||
	    found->bounced != CATCH_NOBODY ? "250 2.0.0 caught\r\n" :
	    "451 4.7.0 not a message of this test; keep it\r\n";
}

static const char *
take_command(struct catch_session *s, struct text line, bool *quit)
{
	if (text_begins(line, TEXT("EHLO"))) {
		forget(s);
		return "250-relayguard-catcher.invalid\r\n250-8BITMIME\r\n"
		    "250-SMTPUTF8\r\n250 PIPELINING\r\n";
	}
	if (text_begins(line, TEXT("MAIL FROM:")) ||
	    text_begins(line, TEXT("RSET")) ||
	    text_begins(line, TEXT("HELO"))) {
		forget(s);
		return "250 2.0.0 ok\r\n";
	}
	if (text_begins(line, TEXT("RCPT TO:"))) {
		s->recipients++;
		return "250 2.1.5 ok\r\n";
	}
	if (text_begins(line, TEXT("DATA"))) {
		s->data = s->recipients > 0;
		s->found = nothing; /* also when there was no MAIL */
		return s->data ? "354 go ahead\r\n" :
		    "503 5.5.1 RCPT first\r\n";
	}
	if (text_begins(line, TEXT("NOOP")))
		return "250 2.0.0 ok\r\n";
	*quit = text_begins(line, TEXT("QUIT"));
	return *quit ? "221 2.0.0 bye\r\n" : "502 5.5.2 not here\r\n";
}

const char *
catch_line(struct catch_session *s, struct text line,
    struct catch_found *found, bool *quit)
{
	*found = nothing;
	*quit = false;
	if (!s->data)
		return take_command(s, line, quit);
	if (text_equal(line, TEXT(".")))
		return end_message(s, found);
	take_text(s, line);
	return NULL;
}

void
catch_piece(struct catch_session *s, struct text piece)
{
	if (s->data)
		take_text(s, piece);
}
