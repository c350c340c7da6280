/* Arithmetic and conversions of IBM's long double, which the compiler calls on ppc64le; GCC has it in libgcc, zig nowhere.
 *
 * Such a number is the sum of two doubles, the second at most half a unit in the last place of the first. Sums and products
 * of doubles are split into what a double holds and the exact rest (Knuth's two-sum; fused multiply-add); where the first
 * is infinite or no number, there is no rest. Names and types are those of libgcc:
 * https://gcc.gnu.org/git/?p=gcc.git;a=blob;f=libgcc/config/rs6000/ibm-ldouble.c
 */

#define HIDDEN __attribute__((visibility("hidden")))

#ifdef __cplusplus
extern "C" {
#endif

typedef union {
    __ibm128 whole;
    double part[2];
} number;

static int is_finite(double value) { return value - value == 0; }

/* `high + low`, where `high` is not the smaller one. */
static __ibm128 join(double high, double low) {
    number sum;
    sum.part[0] = high + low;
    sum.part[1] = is_finite(sum.part[0]) ? low - (sum.part[0] - high) : 0;
    return sum.whole;
}

HIDDEN __ibm128 __gcc_qadd(__ibm128 one, __ibm128 other) {
    number a = {one}, b = {other};
    double high = a.part[0] + b.part[0];
    if (!is_finite(high))
        return join(high, 0);
    double shift = high - a.part[0];
    double rest = (a.part[0] - (high - shift)) + (b.part[0] - shift);
    double low = a.part[1] + b.part[1];
    double low_shift = low - a.part[1];
    double low_rest = (a.part[1] - (low - low_shift)) + (b.part[1] - low_shift);
    number sum = {join(high, rest + low)};
    return join(sum.part[0], sum.part[1] + low_rest);
}

HIDDEN __ibm128 __gcc_qsub(__ibm128 one, __ibm128 other) {
    number b = {other};
    b.part[0] = -b.part[0];
    b.part[1] = -b.part[1];
    return __gcc_qadd(one, b.whole);
}

HIDDEN __ibm128 __gcc_qmul(__ibm128 one, __ibm128 other) {
    number a = {one}, b = {other};
    double high = a.part[0] * b.part[0];
    if (!is_finite(high) || high == 0)
        return join(high, 0);
    double rest = __builtin_fma(a.part[0], b.part[0], -high);
    return join(high, rest + (a.part[0] * b.part[1] + a.part[1] * b.part[0]));
}

HIDDEN __ibm128 __gcc_qdiv(__ibm128 one, __ibm128 other) {
    number a = {one}, b = {other};
    double high = a.part[0] / b.part[0];
    if (!is_finite(high) || high == 0 || !is_finite(b.part[0]))
        return join(high, 0);
    double rest = __builtin_fma(-high, b.part[0], a.part[0]);
    return join(high, (rest + (a.part[1] - high * b.part[1])) / b.part[0]);
}

HIDDEN __ibm128 __floatunditf(unsigned long value) {
    return join((double)(value >> 32) * 4294967296.0, (double)(value & 0xffffffff));
}

HIDDEN __ibm128 __floatditf(long value) {
    return join((double)(value >> 32) * 4294967296.0, (double)(value & 0xffffffff));
}

/* The whole part of a number that is not negative and less than 2^64, the largest of which begin with 2^64 itself. */
static unsigned long whole_part(number value) {
    double high = value.part[0] < 18446744073709551616.0 ? value.part[0] : 0;
    unsigned long whole = (unsigned long)high;
    if (high == (double)whole) { /* else the rest is too small to reach the next whole number */
        long rest = (long)value.part[1];
        whole += rest - (value.part[1] < (double)rest);
    }
    return whole;
}

HIDDEN unsigned long __fixunstfdi(__ibm128 value) {
    number given = {value};
    return given.part[0] > 0 ? whole_part(given) : 0;
}

HIDDEN long __fixtfdi(__ibm128 value) {
    number given = {value};
    if (given.part[0] >= 0)
        return (long)whole_part(given);
    given.part[0] = -given.part[0];
    given.part[1] = -given.part[1];
    return (long)-whole_part(given);
}

#ifdef __cplusplus
}
#endif
