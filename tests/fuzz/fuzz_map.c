/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map door on any bytes of a connection: frames, requests, answers.  An
 * answer is whole, fits, and is one of those that sendmail's rules know.
 */
#include "milter/serve/map_answer.h"
#include "milter/netstring.h"
#include "tests/fuzz/exact.h"

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static struct judge *
make_judge(void)
{
	static struct judge judge;
	static const struct rule_modes modes;
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry relay = { .kind = POLICY_RELAY,
		.span = SPAN_BOTH, .value = TEXT("relay.test") };
	struct policy_entry client = { .kind = POLICY_CLIENT };
	struct access_map *map;
	unsigned id;

	network_parse(TEXT("10.0.0.0/8"), &client.network);
	policy_source(b, TEXT("fuzz"), &id);
	policy_add(b, &relay, NULL);
	policy_add(b, &client, NULL);
	map = access_map_new(2);
	access_map_add(map, TEXT("to:old.test"), TEXT("REJECT"));
	policy_keep_access(b, map, id + 1);
	judge.current = current_new();
	current_swap(judge.current, policy_freeze(b), &modes, false);
	return &judge;
}

static void
check_answer(struct text a)
{
	static const char *const begins[] = { "OK RELAY", "OK DENY:5.", "OK REJECT",
		"OK SKIP",
		"NOTFOUND ", "TEMP ", "PERM " };
	char frame[MAP_REPLY_MAX + 8];
	struct text back;
	size_t i, n, used;

	for (i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (text_begins(a, text_of(begins[i])))
			break;
	expect(i < sizeof begins / sizeof begins[0]);
	for (i = 0; i < a.n; i++)
		expect(a.at[i] >= ' ' && a.at[i] <= '~' && a.at[i] != '%');
	n = netstring_write(a, frame, sizeof frame);
	expect(netstring_read((struct text){ frame, n }, MAP_REPLY_MAX, &back,
	    &used) == NETSTRING_WHOLE && used == n && text_equal(back, a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct judge *judge;
	struct text all = exact_copy(data, size), rest = all, request;
	char reply[MAP_REPLY_MAX];
	size_t used;

	if (judge == NULL)
		judge = make_judge();
	while (netstring_read(rest, 16384, &request, &used) ==
	    NETSTRING_WHOLE) {
		struct text exact = exact_copy(request.at, request.n);

		check_answer((struct text){ reply,
		    map_answer(judge, 1, exact, reply) });
		exact_free(exact);
		rest = text_cut(rest, used, rest.n);
	}
	exact_free(all);
	return 0;
}
