/*
 * verbs: what every table's command can do (private to cli/, but a command may
 * list one of these among its own verbs).
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

extern const struct verb generic_verbs[]; /* ended by a NULL name */

enum status verb_add(struct cli *cli, struct error *error);
enum status verb_set(struct cli *cli, struct error *error);
enum status verb_put(struct cli *cli, struct error *error);
enum status verb_archive(struct cli *cli, struct error *error);
enum status verb_unarchive(struct cli *cli, struct error *error);
enum status verb_list(struct cli *cli, struct error *error);
enum status verb_show(struct cli *cli, struct error *error);
enum status verb_log(struct cli *cli, struct error *error);
enum status verb_fields(struct cli *cli, struct error *error);
enum status verb_edit(struct cli *cli, struct error *error);
enum status verb_export_data(struct cli *cli, struct error *error);
enum status verb_erase(struct cli *cli, struct error *error);
/* A transition of the table's flow, named by cli->verb. */
enum status verb_flow(struct cli *cli, struct error *error);

#endif
