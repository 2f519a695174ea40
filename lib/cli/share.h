/*
 * share: where tables.csv, schemas and flows lie.
 */
#ifndef CLI_SHARE_H
#define CLI_SHARE_H

#include "base/error.h"

/*
 * $BO_SHARE (not for a program with more rights than its user), else ../share/bo
 * beside the program, else share/ of the source tree it was built in, else where it
 * was meant to be installed.  free() it; NULL with an error when there is none.
 */
char *share_find(struct error *error);

/* The directory that this program lies in; free() it.  NULL when nobody knows. */
char *share_program_directory(void);

#endif
