/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c - the proof of flat local parts and their words. */
#include "tests/proof/words.h"

#include "policy/flat.c"
#include "policy/words.c"
