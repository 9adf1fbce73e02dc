/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catcher of the self-test, whom anybody may call: whatever lines come, a
 * message is ours only when it has the nonce of the run, and one that is not
 * ours is never taken.  A line that begins with 0x01 is a piece of a long one.
 */
#include "milter/probe/catch_session.h"
#include "tests/fuzz/exact.h"
#include "tests/fuzz/expect.h"

#define NONCE "0123456789abcdef0123456789abcdef"

struct talk {
	struct catch_session session;
	bool nonce_seen; /* in this message */
};

static void
check_reply(const char *reply)
{
	size_t n = strlen(reply);

	expect(n > 5 && n < 200 && reply[n - 2] == '\r' &&
	    reply[n - 1] == '\n');
	expect(reply[0] == '2' || reply[0] == '3' || reply[0] == '4' ||
	    reply[0] == '5');
}

static bool
has_nonce(struct text t)
{
	return t.n > 0 && memmem(t.at, t.n, NONCE, CATCH_NONCE) != NULL;
}

static void
check_found(const struct talk *t, const struct catch_found *found, bool ended,
    const char *reply)
{
	bool ours = found->delivered != CATCH_NOBODY ||
	    found->bounced != CATCH_NOBODY;

	expect(found->delivered <= CATCH_NOBODY &&
	    found->bounced <= CATCH_NOBODY);
	expect(found->delivered == CATCH_NOBODY ||
	    found->bounced == CATCH_NOBODY);
	expect(!ours || (ended && t->nonce_seen));
	expect(!ended || (reply[0] == '2') == ours);
}

/* False: the client was told that this is the end. */
static bool
take(struct talk *t, struct text line)
{
	bool in_message = t->session.data, quit;
	struct catch_found found;
	const char *reply;

	if (line.n > 0 && line.at[0] == '\1') {
		catch_piece(&t->session, line);
		t->nonce_seen = t->nonce_seen || has_nonce(line);
		expect(t->session.data == in_message);
		return true;
	}
	reply = catch_line(&t->session, line, &found, &quit);
	if (reply != NULL)
		check_reply(reply);
	t->nonce_seen = in_message && (t->nonce_seen || has_nonce(line));
	/* in a message everything but its end is silence */
	expect(!in_message || (reply != NULL) == text_equal(line, TEXT(".")));
	expect(in_message || reply != NULL);
	check_found(t, &found, in_message && reply != NULL, reply);
	if (reply != NULL)
		t->nonce_seen = false;
	return !quit;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = exact_copy(data, size), rest = all;
	struct talk t = { .session = { .nonce = NONCE } };

	while (rest.n > 0) {
		size_t end = text_find(rest, '\n');
		struct text line = exact_copy(rest.at, end);
		bool more = take(&t, line);

		exact_free(line);
		if (!more || end == rest.n)
			break;
		rest = text_cut(rest, end + 1, rest.n);
	}
	exact_free(all);
	return 0;
}
