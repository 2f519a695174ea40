/* bo-apply: makes a change that was written down as a plan (what -n prints) */
#include "cli/cli.h"
#include "office/office.h"
#include "record/plan.h"

struct job {
	struct cli *cli;
	struct input input;
};

static enum status
build(struct batch *batch, void *context, struct error *error)
{
	struct job *job = context;
	struct reader *reader;
	enum status status = cli_reader(job->cli, &job->input, &reader, error);

	if (status != STATUS_OK)
		return status;
	status = plan_apply(batch, reader, error);
	reader_close(reader);
	/* A table or record that is not there is a fault of the plan, not an answer. */
	if (status == STATUS_NO)
		status = error->status = STATUS_REFUSED;
	return status;
}

static enum status
apply(struct cli *cli, struct error *error)
{
	struct job job = { .cli = cli };
	const char *path = cli_operand(cli);
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = cli_input(cli, path != NULL ? path : "-", &job.input, error);
	if (status != STATUS_OK)
		return status;
	cli_input_end(cli, &job.input);
	status = cli_change_plan(cli, &job.input, build, &job, error);
	input_close(&job.input);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct verb only = { "", apply, "[FILE | -]", "make the changes of a plan", VERB_WRITES };
	static const struct command command = { .name = "bo-apply",
		.table = "",
		.help = "make the changes that a plan names, if every old value still holds",
		.only = &only,
		.rules = office_rules };

	return cli_main(argc, argv, &command);
}
