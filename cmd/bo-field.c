/* bo-field: fields that this store adds to its tables */
#include "cli/cli.h"
#include "office/office.h"

int
main(int argc, char *argv[])
{
	static const struct command command = { .name = "bo-field", .table = "field", .rules = office_rules };

	return cli_main(argc, argv, &command);
}
