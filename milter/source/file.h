/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - configuration and policy from files: reads them from disk, has
 * conf/ parse them, and turns them into one snapshot.
 */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "conf/complaint.h"
#include "conf/conf.h"
#include "policy/policy.h"

#define CONF_DEFAULT_PATH "/etc/relayguard/relayguard.yaml"

/*
 * The options in the file at path; NULL with complaints added when there is
 * any mistake.  path NULL: the default path, and when that does not exist all
 * options at their defaults.
 */
struct conf *file_conf(const char *path, struct complaints *c);

/*
 * The snapshot made of all files that the options name; NULL with complaints
 * added when there is any mistake.
 */
struct policy *file_policy(const struct conf *conf, struct complaints *c);

#endif
