/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/network_table.h"

#include <stdlib.h>

/* An address as a number; IPv4 in the low 32 bits. */
__extension__ typedef unsigned __int128 number;

/* A network, and the next larger one around it (number + 1; 0 is none). */
struct member {
	uint32_t id;
	uint32_t around;
};

/* From start on, up to the next start, member - 1 is the innermost. */
struct interval {
	number start;
	uint32_t member;
};

#define TOP_BITS_MAX 16 /* of the IPv4 index: a cell per value of these */

struct network_table {
	enum ip_family family;
	size_t n;         /* intervals; the first starts at 0 */
	size_t members;
	uint32_t *start4; /* IPv4: starts, and the index of the top bits */
	uint32_t *top4;
	unsigned top_bits;
	number *start6;   /* IPv6: starts */
	uint32_t *at;     /* the member of each interval, + 1; 0 is none */
	struct member *member;
};

static number
number_of(const struct ip *ip)
{
	unsigned i, bytes = ip_width(ip->family) / 8;
	number v = 0;

	for (i = 0; i < bytes; i++)
		v = v << 8 | ip->byte[i];
	return v;
}

static number
last_of(const struct network *net)
{
	unsigned host = ip_width(net->base.family) - net->bits;
	number ones = host == 128 ? ~(number)0 : ((number)1 << host) - 1;

	return number_of(&net->base) | ones;
}

static int
compare_items(const void *a, const void *b)
{
	const struct network_item *x = a, *y = b;
	int base = memcmp(x->network.base.byte, y->network.base.byte, 16);

	if (base != 0)
		return base;
	if (x->network.bits != y->network.bits)
		return x->network.bits < y->network.bits ? -1 : 1;
	if (x->innermost != y->innermost)
		return x->innermost ? 1 : -1;
	return x->id < y->id ? 1 : -1;
}

/* The intervals while they are being laid out, in rising order. */
struct layout {
	struct interval *at;
	size_t n;
};

/* From start on the innermost network is member - 1. */
static void
emit(struct layout *l, number start, uint32_t member)
{
	if (l->n > 0 && l->at[l->n - 1].start == start)
		l->n--;
	if (l->n > 0 && l->at[l->n - 1].member == member)
		return;
	l->at[l->n++] = (struct interval){ start, member };
}

/*
 * Walk the sorted networks, each nested in or behind the one before; around
 * serves as the stack of open ones.
 */
static void
lay_out(const struct network_item *items, size_t n, struct member *member,
    struct layout *l)
{
	number end, top = last_of(&(struct network){
	    { items[0].network.base.family, { 0 } }, 0 });
	uint32_t open = 0;
	size_t i;

	emit(l, 0, 0);
	for (i = 0; i < n; i++) {
		number start = number_of(&items[i].network.base);

		while (open != 0 &&
		    (end = last_of(&items[open - 1].network)) < start) {
			open = member[open - 1].around;
			emit(l, end + 1, open);
		}
		member[i] = (struct member){ items[i].id, open };
		open = (uint32_t)i + 1;
		emit(l, start, open);
	}
	for (; open != 0; open = member[open - 1].around) {
		end = last_of(&items[open - 1].network);
		if (end != top)
			emit(l, end + 1, member[open - 1].around);
	}
}

/* Sixteen cells a network, so that a small table has a small index. */
static unsigned
top_bits_for(size_t members)
{
	unsigned bits = 4;

	while (bits < TOP_BITS_MAX && members > (size_t)1 << (bits - 4))
		bits++;
	return bits;
}

static size_t
top_cells(const struct network_table *t)
{
	return ((size_t)1 << t->top_bits) + 1;
}

static void
fill_top_index(struct network_table *t)
{
	unsigned shift = 32 - t->top_bits;
	uint32_t i, j = 0;

	for (i = 0; i < 1u << t->top_bits; i++) {
		while (j + 1 < t->n && t->start4[j + 1] <= i << shift)
			j++;
		t->top4[i] = j;
	}
	t->top4[i] = (uint32_t)t->n - 1;
}

/* Copy the intervals into arrays of their final size. */
static bool
pack(struct network_table *t, const struct layout *l)
{
	size_t i;

	t->n = l->n;
	t->at = malloc(l->n * sizeof *t->at);
	if (t->family == IP_V4) {
		t->start4 = malloc(l->n * sizeof *t->start4);
		t->top_bits = top_bits_for(t->members);
		t->top4 = malloc(top_cells(t) * sizeof *t->top4);
	} else {
		t->start6 = malloc(l->n * sizeof *t->start6);
	}
	if (t->at == NULL || (t->family == IP_V4 ?
	    t->start4 == NULL || t->top4 == NULL : t->start6 == NULL))
		return false;
	for (i = 0; i < l->n; i++) {
		t->at[i] = l->at[i].member;
		if (t->family == IP_V4)
			t->start4[i] = (uint32_t)l->at[i].start;
		else
			t->start6[i] = l->at[i].start;
	}
	if (t->family == IP_V4)
		fill_top_index(t);
	return true;
}

struct network_table *
network_table_new(enum ip_family family, struct network_item *items, size_t n)
{
	struct network_table *t = calloc(1, sizeof *t);
	struct layout l = { 0 };
	bool good;

	if (t == NULL || n == 0)
		return t;
	t->family = family;
	t->members = n;
	t->member = malloc(n * sizeof *t->member);
	l.at = malloc((2 * n + 1) * sizeof *l.at);
	good = t->member != NULL && l.at != NULL;
	if (good) {
		qsort(items, n, sizeof *items, compare_items);
		lay_out(items, n, t->member, &l);
		good = pack(t, &l);
	}
	free(l.at);
	if (!good) {
		network_table_free(t);
		return NULL;
	}
	return t;
}

void
network_table_free(struct network_table *t)
{
	if (t == NULL)
		return;
	free(t->start4);
	free(t->top4);
	free(t->start6);
	free(t->at);
	free(t->member);
	free(t);
}

/* The last interval that starts at or before the address. */
static size_t
find4(const struct network_table *t, uint32_t address)
{
	const uint32_t *top = &t->top4[address >> (32 - t->top_bits)];
	size_t low = top[0], n = top[1] - low + 1;

	while (n > 1) {
		size_t half = n / 2;

		low += t->start4[low + half] <= address ? half : 0;
		n -= half;
	}
	return low;
}

static size_t
find6(const struct network_table *t, number address)
{
	size_t low = 0, n = t->n;

	while (n > 1) {
		size_t half = n / 2;

		low += t->start6[low + half] <= address ? half : 0;
		n -= half;
	}
	return low;
}

bool
network_table_next(const struct network_table *t, const struct ip *ip,
    uint32_t *cursor, uint32_t *id)
{
	uint32_t member;

	if (t == NULL || t->n == 0 || ip->family != t->family || *cursor == UINT32_MAX)
		return false;
	if (*cursor != 0)
		member = *cursor;
	else if (t->family == IP_V4)
		member = t->at[find4(t, (uint32_t)number_of(ip))];
	else
		member = t->at[find6(t, number_of(ip))];
	if (member == 0)
		return false;
	*id = t->member[member - 1].id;
	*cursor = t->member[member - 1].around;
	if (*cursor == 0)
		*cursor = UINT32_MAX; /* this was the outermost */
	return true;
}

size_t
network_table_bytes(const struct network_table *t)
{
	size_t start;

	if (t == NULL)
		return 0;
	start = t->family == IP_V4 ? sizeof *t->start4 : sizeof *t->start6;
	return sizeof *t + t->n * (start + sizeof *t->at) +
	    t->members * sizeof *t->member +
	    (t->top4 != NULL ? top_cells(t) * sizeof *t->top4 : 0);
}
