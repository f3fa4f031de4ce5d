// What CUDA C++ has and C++ has not, so that the kernels compile for the processor. The kernels' text follows, then host_after.h.
#include <math.h>
#include <string.h>
#include <ucontext.h>

#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __shared__ static

struct Index
{
    unsigned x;
};
static Index blockIdx, threadIdx;

static void __syncthreads();
static void __threadfence() {}

static unsigned atomicInc(unsigned* counter, unsigned last)
{
    unsigned before = *counter;
    *counter = before >= last ? 0 : before + 1;
    return before;
}

inline float __uint_as_float(unsigned bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

inline unsigned __float_as_uint(float value)
{
    unsigned bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
