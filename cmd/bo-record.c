/*
 * bo-record: every table there is, also those that have no command of their own.
 *
 * Nouns that need no more than the generic verbs are links to it.
 */
#include "cli/cli.h"
#include "office/office.h"

int
main(int argc, char *argv[])
{
	static const struct command command = { .help = "every verb on every table", .rules = office_rules };

	return cli_main(argc, argv, &command);
}
