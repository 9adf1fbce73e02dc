/* SPDX-License-Identifier: BSD-2-Clause */
/* readings.c - the proof of the readings. */
#include "tests/proof/readings.h"

#include "policy/readings.c"
