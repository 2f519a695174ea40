/*
 * store_index: `bo-store index`: what is kept outside the store to find records faster.
 */
#ifndef CLI_STORE_INDEX_H
#define CLI_STORE_INDEX_H

#include "cli/cli.h"

enum status store_index(struct cli *cli, struct error *error);

#endif
