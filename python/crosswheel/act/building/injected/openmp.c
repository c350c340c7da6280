/* What code compiled with -fopenmp by Clang 19 and newer calls, and OpenMP's library of LLVM 18 and older, as Debian has it,
   does not have: the end of a loop with a schedule of its own. It does nothing there, either.
   https://github.com/llvm/llvm-project/blob/main/openmp/runtime/src/kmp_dispatch.cpp

   Compiled into whatever links that library, hidden and weak: nothing of it is exported. */

__attribute__((visibility("hidden"), weak)) void __kmpc_dispatch_deinit(void *place, int thread) {
  (void)place;
  (void)thread;
}
