/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/crc32c.h"

#define LONG_BYTES 16384 /* that much is worth tables for its own */

/* What four bits do. */
static const uint32_t table[16] = {
	0x00000000u, 0x105ec76fu, 0x20bd8edeu, 0x30e349b1u,
	0x417b1dbcu, 0x5125dad3u, 0x61c69362u, 0x7198540du,
	0x82f63b78u, 0x92a8fc17u, 0xa24bb5a6u, 0xb21572c9u,
	0xc38d26c4u, 0xd3d3e1abu, 0xe330a81au, 0xf36e6f75u,
};

static uint32_t
step(uint32_t c, unsigned char byte)
{
	c ^= byte;
	c = c >> 4 ^ table[c & 15];
	return c >> 4 ^ table[c & 15];
}

/* What a byte does that has k more behind it, of the four taken at once. */
static void
make_tables(uint32_t wide[4][256])
{
	uint32_t i, c;
	int k;

	for (i = 0; i < 256; i++) {
		wide[0][i] = c = step(0, (unsigned char)i);
		for (k = 1; k < 4; k++)
			wide[k][i] = c = step(c, 0);
	}
}

/* Four bytes at once, as far as they go; *done of them. */
static uint32_t
steps_of_four(uint32_t c, struct text s, size_t *done)
{
	const unsigned char *p = (const unsigned char *)s.at;
	uint32_t wide[4][256];
	size_t i;

	make_tables(wide);
	for (i = 0; i + 4 <= s.n; i += 4)
		c = wide[3][(c ^ p[i]) & 255] ^
		    wide[2][(c >> 8 ^ p[i + 1]) & 255] ^
		    wide[1][(c >> 16 ^ p[i + 2]) & 255] ^
		    wide[0][(c >> 24 ^ p[i + 3]) & 255];
	*done = i;
	return c;
}

uint32_t
crc32c(uint32_t before, struct text s)
{
	uint32_t c = ~before;
	size_t i = 0;

	if (s.n >= LONG_BYTES)
		c = steps_of_four(c, s, &i);
	for (; i < s.n; i++)
		c = step(c, (unsigned char)s.at[i]);
	return ~c;
}
