/* SPDX-License-Identifier: BSD-2-Clause */
/* address.c - the proof of the grammar. */
#include "tests/proof/address.h"

#include "policy/domain.c"
#include "policy/utf8.c"
#include "policy/address.c"
