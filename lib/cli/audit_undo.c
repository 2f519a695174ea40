/* audit_undo: the plan that takes a transaction back, tried before it is printed */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/audit.h"
#include "record/plan.h"

/* The plan as bytes, so that nothing is printed of one that is refused. */
static enum status
undo_text(struct cli *cli, uint64_t tx, struct buffer *out, struct error *error)
{
	const struct writer_options options = { .format = FORMAT_CSV };
	int fd = memfd_create("plan", MFD_CLOEXEC);
	struct writer *writer;
	enum status status, closed;

	if (fd < 0)
		return error_set(error, STATUS_SYSTEM, "memfd_create:");
	writer = writer_open(fd, &options, plan_columns, PLAN_COLUMNS);
	status = plan_undo(cli->view, tx, writer, error);
	closed = writer_close(writer, error);
	if (status == STATUS_OK)
		status = closed;
	if (status == STATUS_OK && (lseek(fd, 0, SEEK_SET) != 0 || !file_read(fd, out, SIZE_MAX / 2)))
		status = error_set(error, STATUS_SYSTEM, "the plan:");
	close(fd);
	return status;
}

/* Reads the plan back; with batch it is tried, else printed. */
static enum status
use_plan(struct cli *cli, const struct buffer *text, struct batch *batch, struct error *error)
{
	const struct reader_options options = { .format = FORMAT_CSV };
	struct reader *reader;
	struct row row;
	enum status status = reader_open(&reader, "plan", buffer_slice(text), &options, error);

	if (status != STATUS_OK)
		return status;
	if (batch != NULL)
		status = plan_apply(batch, reader, error);
	while (batch == NULL && (status = reader_next(reader, &row, error)) == STATUS_OK)
		cli_row(cli, row.values);
	reader_close(reader);
	return status == STATUS_NO && error->total == 0 ? STATUS_OK : status;
}

/* What the rules would refuse is refused here, not at the other end of a pipe. */
static enum status
try_plan(struct cli *cli, const struct buffer *text, struct error *error)
{
	struct batch *batch = batch_new(cli->view);
	enum status status;

	batch_only_try(batch);
	status = use_plan(cli, text, batch, error);
	if (status == STATUS_OK)
		status = batch_finish(batch, error);
	for (size_t i = 0; i < error->count; i++) {
		/* places in a plan that nobody has seen */
		free(error->faults[i].source);
		error->faults[i].source = NULL;
		error->faults[i].line = 0;
	}
	batch_free(batch);
	return status;
}

enum status
audit_undo(struct cli *cli, struct error *error)
{
	struct buffer text = BUFFER_INIT;
	uint64_t tx = 0;
	enum status status = audit_take_tx(cli, &tx, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = undo_text(cli, tx, &text, error);
	if (status == STATUS_OK)
		status = try_plan(cli, &text, error);
	if (status == STATUS_OK)
		status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);
	if (status == STATUS_OK)
		status = use_plan(cli, &text, NULL, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	buffer_release(&text);
	return status;
}
