/* SPDX-License-Identifier: BSD-2-Clause */
/* What SPF has found, as header fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/ask/auth_results.h"
#include "milter/ask/spf_header.h"
#include "tests/unit/vectors.h"

static enum spf_result
result_of(struct text name)
{
	int i;

	for (i = SPF_NONE; i <= SPF_PERMERROR; i++)
		if (text_equal(name, text_of(spf_result_name(
		    (enum spf_result)i))))
			return (enum spf_result)i;
	abort();
}

static void
copy(struct text t, char *out)
{
	snprintf(out, SPF_WORDS_MAX, "%.*s", (int)t.n, t.n > 0 ? t.at : "");
}

static struct spf_checked
checked(struct text identity, struct text result, struct text helo,
    struct text sender)
{
	struct spf_checked c = { .question = { .helo = helo,
		.sender = sender } };

	c.question.identity = text_equal(identity, TEXT("helo")) ? SPF_HELO :
	    SPF_MAIL_FROM;
	c.outcome.result = result_of(result);
	return c;
}

static const char *
expect(struct text wanted, const char *got, size_t n)
{
	static char wrong[SPF_HEADER_MAX + 16];

	if (text_equal(wanted, (struct text){ got, n }) && strlen(got) == n)
		return NULL;
	snprintf(wrong, sizeof wrong, "it says\n%s", got);
	return wrong;
}

static const char *
run_received(const struct vector *v)
{
	struct spf_checked c = checked(v->field[1], v->field[2], v->field[4],
	    v->field[5]);
	char out[SPF_HEADER_MAX];
	size_t n;

	ip_parse(v->field[3], &c.question.client);
	c.question.host = v->field[6];
	copy(v->field[7], c.outcome.mechanism);
	copy(v->field[8], c.outcome.problem);
	n = spf_header_received(&c, out);
	return expect(v->field[9], out, n);
}

static const char *
run_results(const struct vector *v)
{
	struct spf_checked c[2];
	char out[SPF_HEADER_MAX];
	size_t i, n = 0, length;

	for (i = 3; i + 3 < v->n; i += 4)
		c[n++] = checked(v->field[i], v->field[i + 1],
		    v->field[i + 2], v->field[i + 3]);
	length = spf_header_results(v->field[1], c, n, out);
	return expect(v->field[2], out, length);
}

static const char *
run(const struct vector *v)
{
	if (text_equal(v->field[0], TEXT("received")))
		return run_received(v);
	return run_results(v);
}

static const char *
run_claim(const struct vector *v)
{
	return auth_results_claim(v->field[1], v->field[0]) ==
	    text_equal(v->field[2], TEXT("yes")) ? NULL : "it says otherwise";
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("spf_header.txt", run), 0);
	assert_int_equal(vectors_run("auth_results.txt", run_claim), 0);
}

/* The longest that can come: it fits, and no line is over 998 bytes. */
static void
test_longest(void **state)
{
	char *long_text = malloc(5000), out[SPF_HEADER_MAX];
	struct spf_checked c[2] = { { .outcome = { .result = SPF_TEMPERROR } } };
	struct text t = { long_text, 5000 }, rest;

	(void)state;
	assert_non_null(long_text);
	memset(long_text, '"', 5000);
	c[0].question = (struct spf_question){ .identity = SPF_MAIL_FROM,
		.helo = t, .sender = t, .host = t };
	memset(c[0].outcome.mechanism, '"', SPF_WORDS_MAX - 1);
	memset(c[0].outcome.problem, '\\', SPF_WORDS_MAX - 1);
	rest = (struct text){ out, spf_header_received(&c[0], out) };
	assert_true(rest.n > 1500);
	assert_memory_equal(out + rest.n - 17, "identity=mailfrom", 17);
	for (; rest.n > 0; rest = text_cut(rest, text_find(rest, '\n') +
	    (text_find(rest, '\n') < rest.n), rest.n))
		assert_true(text_find(rest, '\n') < 998);
	c[1] = c[0];
	c[1].question.identity = SPF_HELO;
	rest.n = spf_header_results(t, c, 2, out);
	assert_true(rest.n > 1500 && out[rest.n - 1] == '"');
	free(long_text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
