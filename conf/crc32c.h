/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crc32c.h - the checksum of files that must not be half used: CRC-32C
 * (Castagnoli), RFC 3720 appendix B.4.
 */
#ifndef CONF_CRC32C_H
#define CONF_CRC32C_H

#include <stdint.h>

#include "policy/text.h"

/* The checksum of s, after that of what went before it (0 at first). */
uint32_t crc32c(uint32_t before, struct text s);

#endif
