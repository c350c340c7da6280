/* For 32-bit targets with a glibc older than 2.34, found before the file of the same name among zig's headers.

   Those are a newer glibc's and make time_t 64 bits wide where _TIME_BITS is 64; the functions that go with it
   (__time64 and its kin) came with 2.34. An older glibc pays no heed to the macro, nor does this file.
   https://sourceware.org/glibc/wiki/Y2038ProofnessDesign */
#include <bits/wordsize.h>
#include <bits/timesize.h>
