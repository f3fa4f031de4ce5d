// Runs a kernel: the blocks one after the other, the threads of a block in turns from barrier to barrier.
#line 1 "host_after.h"

static char stacks[THREADS][65536];
static ucontext_t threads[THREADS], scheduler;
static bool ended[THREADS];
static void (*kernel)(Pass);
static Pass argument;

static void run_thread()
{
    kernel(argument);
    ended[threadIdx.x] = true;
    swapcontext(&threads[threadIdx.x], &scheduler);
}

static void __syncthreads()
{
    swapcontext(&threads[threadIdx.x], &scheduler);
}

// False if some threads wait at a barrier that others never come to.
static bool run_block()
{
    for (unsigned i = 0; i < THREADS; i++)
    {
        ended[i] = false;
        getcontext(&threads[i]);
        threads[i].uc_stack.ss_sp = stacks[i];
        threads[i].uc_stack.ss_size = sizeof stacks[i];
        makecontext(&threads[i], run_thread, 0);
    }
    for (unsigned running = THREADS; running > 0;)
    {
        if (running != THREADS)
        {
            return false;
        }
        for (unsigned i = 0; i < THREADS; i++)
        {
            threadIdx.x = i;
            swapcontext(&scheduler, &threads[i]);
            running -= ended[i];
        }
    }
    return true;
}

extern "C" unsigned pass_size() { return sizeof(Pass); }

extern "C" int launch(const char* name, unsigned blocks, const Pass* pass)
{
    static const struct
    {
        const char* name;
        void (*kernel)(Pass);
    } kernels[] = {
        {"fire_one", fire_one}, {"fire_wide", fire_wide}, {"back_one", back_one}, {"back_wide", back_wide}, {"gather", gather},
#ifdef GROUP
        {"moments_one", moments_one}, {"moments_wide", moments_wide}, {"back_normed_one", back_normed_one},
        {"back_normed_wide", back_normed_wide}, {"finish_one", finish_one}, {"finish_wide", finish_wide},
#endif
    };
    kernel = 0;
    for (auto& each : kernels)
    {
        kernel = strcmp(name, each.name) ? kernel : each.kernel;
    }
    if (!kernel)
    {
        return 1;
    }
    argument = *pass;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
    {
        if (!run_block())
        {
            return 2;
        }
    }
    return 0;
}
