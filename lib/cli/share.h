/*
 * share: where tables.csv, schemas and flows lie.
 */
#ifndef CLI_SHARE_H
#define CLI_SHARE_H

#include "base/error.h"

/*
 * $BO_SHARE (not for a program with more rights than its user), else ../share/bo
 * beside the name that the program was called by (nor this) or beside the program itself,
 * else where it was meant to be installed.
 * free() it; NULL with an error when there is none.
 */
char *share_find(struct error *error);

/*
 * The same for who opens what is there anyway: look is called with one directory after the
 * other until it says something else than STATUS_NO, which stands for "not here".  *found is
 * the last one if that was STATUS_OK; free() it.
 */
typedef enum status share_look(const char *directory, void *context, struct error *error);
enum status share_visit(share_look *look, void *context, char **found, struct error *error);

/* The directory that this program lies in; free() it.  NULL when nobody knows. */
char *share_program_directory(void);

#endif
